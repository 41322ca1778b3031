package io.sallyport.tunnel;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sallyport.identity.TunnelId;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Metrics of tunnels, labelled by tunnel. */
final class TunnelMetrics implements ConnectionListener {
    private final MeterRegistry meters;
    private final TunnelDirectory directory;
    private final Counter refused;
    private final Map<TunnelId, LongAdder> requests = new ConcurrentHashMap<>();
    private final Set<TunnelId> known = ConcurrentHashMap.newKeySet();

    TunnelMetrics(MeterRegistry meters, TunnelDirectory directory) {
        this.meters = meters;
        this.directory = directory;
        this.refused = Counter.builder("sallyport.tunnel.registrations.refused")
                .description("registrations without a right to the tunnel")
                .register(meters);
    }

    /** Counts the requests of a tunnel. */
    LongAdder requests(TunnelId tunnel) {
        return requests.computeIfAbsent(tunnel, id -> {
            LongAdder count = new LongAdder();
            FunctionCounter.builder("sallyport.tunnel.requests", count, LongAdder::sum)
                    .description("requests sent to connectors")
                    .tag("tunnel", id.toString())
                    .register(meters);
            return count;
        });
    }

    @Override
    public void registered(TunnelConnection connection) {
        TunnelId id = connection.tunnel(); // the gauges outlive the connection, and must not hold it
        Tags tunnel = Tags.of("tunnel", id.toString());
        if (known.add(id)) {
            Gauge.builder("sallyport.tunnel.connections", () -> directory.of(id).size())
                    .description("live connections of connectors to this replica")
                    .tags(tunnel)
                    .register(meters);
            Gauge.builder(
                            "sallyport.tunnel.requests.running",
                            () -> directory.of(id).stream()
                                    .mapToInt(TunnelConnection::outstanding)
                                    .sum())
                    .description("requests that wait for their answers' end")
                    .tags(tunnel)
                    .register(meters);
        }
        meters.counter(
                        "sallyport.tunnel.registrations",
                        tunnel.and("protocol", connection.protocol().word()))
                .increment();
    }

    @Override
    public void gone(TunnelConnection connection, String reason) {
        Tags tunnel = Tags.of("tunnel", connection.tunnel().toString());
        meters.counter(
                        "sallyport.tunnel.disconnections",
                        tunnel.and("protocol", connection.protocol().word(), "reason", kindOf(reason)))
                .increment();
    }

    /** The reason without what follows a colon, which differs each time and so must not become a label. */
    private static String kindOf(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }

    @Override
    public void failed(TunnelConnection connection, TunnelFailure failure) {
        meters.counter(
                        "sallyport.tunnel.failures",
                        Tags.of(
                                "tunnel",
                                connection.tunnel().toString(),
                                "kind",
                                failure.kind().name().toLowerCase(Locale.ROOT)))
                .increment();
    }

    @Override
    public void refused() {
        refused.increment();
    }
}
