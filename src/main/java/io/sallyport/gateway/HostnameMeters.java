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
    private final Cache<TunnelOrigin, Map<String, Timer>> hostnames;

    HostnameMeters(MeterRegistry meters) {
        this.meters = meters;
        this.hostnames = Caffeine.newBuilder()
                .expireAfterAccess(FORGOTTEN_AFTER)
                .scheduler(Scheduler.systemScheduler())
                .<TunnelOrigin, Map<String, Timer>>evictionListener((origin, timers, cause) -> {
                    if (timers != null) {
                        timers.values().forEach(meters::remove);
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
        TunnelOrigin counted = counted(origin);
        hostnames
                .get(counted, none -> new ConcurrentHashMap<>())
                .computeIfAbsent(answer, word -> timer(counted, word))
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private TunnelOrigin counted(TunnelOrigin origin) {
        return hostnames.getIfPresent(origin) != null || hostnames.estimatedSize() < MOST
                ? origin
                : new TunnelOrigin(origin.tunnel(), OTHERS);
    }

    private Timer timer(TunnelOrigin origin, String answer) {
        return Timer.builder("sallyport.tunnel.hostname.requests")
                .description("Time until a request through a tunnel was answered whole")
                .tag("tunnel", origin.tunnel().toString())
                .tag("hostname", origin.hostname())
                .tag("answer", answer)
                .register(meters);
    }
}
