package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests through tunnels, each hostname apart: how many, how they were answered, how long that took. Only configured
 * hostnames are labels, never the name a visitor asked for, and hostnames beyond a limit are counted together per
 * tunnel, so that a wildcard or a large configuration does not flood the metrics. A hostname without requests for a day
 * is dropped.
 */
final class HostnameMeters {
    static final int MOST = 1_000;
    /** Label under which the hostnames beyond the limit are counted. */
    static final String OTHERS = "(others)";

    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);

    private final MeterRegistry meters;
    private final Cache<TunnelOrigin, Hostname> hostnames;

    HostnameMeters(MeterRegistry meters) {
        this.meters = meters;
        this.hostnames = Caffeine.newBuilder()
                .executor(Runnable::run) // its upkeep is shorter than handing it over
                .expireAfterAccess(FORGOTTEN_AFTER)
                .scheduler(Scheduler.systemScheduler())
                .<TunnelOrigin, Hostname>evictionListener((origin, hostname, cause) -> {
                    if (hostname != null) {
                        hostname.timers().values().forEach(meters::remove);
                    }
                })
                .build();
    }

    /**
     * Counts a request that has ended.
     *
     * @param failure why the gateway answered instead of the origin; null when the origin answered
     */
    void record(TunnelOrigin origin, int status, @Nullable String failure, long nanos) {
        String answer = failure == null ? status / 100 + "xx" : failure;
        Hostname counted = hostnames.getIfPresent(origin);
        if (counted == null) {
            boolean hasRoom = hostnames.estimatedSize() < MOST;
            counted = hostnames.get(hasRoom ? origin : new TunnelOrigin(origin.tunnel(), OTHERS), Hostname::new);
        }
        timer(counted, answer).record(nanos, TimeUnit.NANOSECONDS);
    }

    /** The timers of a hostname, one for each kind of answer. */
    private record Hostname(TunnelOrigin origin, Map<String, Timer> timers) {
        Hostname(TunnelOrigin origin) {
            this(origin, new ConcurrentHashMap<>());
        }
    }

    private Timer timer(Hostname counted, String answer) {
        TunnelOrigin origin = counted.origin();
        return counted.timers()
                .computeIfAbsent(
                        answer,
                        word -> Timer.builder("sallyport.tunnel.hostname.requests")
                                .description("Time until a request through a tunnel was answered whole")
                                .tag("tunnel", origin.tunnel().toString())
                                .tag("hostname", origin.hostname())
                                .tag("answer", word)
                                .register(meters));
    }
}
