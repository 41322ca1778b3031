package io.sallyport.tunnel;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotListener;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Metrics of each tunnel. They are removed when the tunnel is deleted or, if it still has connections then, when the last of these has
 * closed. Later events of that tunnel do not create them again.
 */
final class TunnelMetrics implements ConnectionListener, SnapshotListener {
    private final MeterRegistry meters;
    private final TunnelDirectory directory;
    private final Predicate<TunnelId> exists;
    private final Counter refused;

    /** Created, used and removed under the map's lock for the tunnel, so that none is created for a deleted tunnel. */
    private final Map<TunnelId, Figures> tunnels = new ConcurrentHashMap<>();

    /** @param exists whether there is such a tunnel now */
    TunnelMetrics(MeterRegistry meters, TunnelDirectory directory, Predicate<TunnelId> exists) {
        this.meters = meters;
        this.directory = directory;
        this.exists = exists;
        this.refused = Counter.builder("sallyport.tunnel.registrations.refused")
                .description("registrations that were refused")
                .register(meters);
    }

    /** Counts the requests of a tunnel. */
    LongAdder requests(TunnelId tunnel) {
        return tunnels.computeIfAbsent(tunnel, Figures::new).requests;
    }

    @Override
    public void registered(TunnelConnection connection) {
        tunnels.compute(connection.tunnel(), (tunnel, known) -> {
            Figures figures = known == null ? new Figures(tunnel) : known;
            figures.watch();
            figures.count(
                    "sallyport.tunnel.registrations",
                    Tags.of("protocol", connection.protocol().word()));
            return figures;
        });
    }

    @Override
    public void gone(TunnelConnection connection, String reason) {
        count(
                connection,
                "sallyport.tunnel.disconnections",
                Tags.of("protocol", connection.protocol().word(), "reason", kindOf(reason)));
        forgetIfDeleted(connection.tunnel());
    }

    /** The reason without the part after a colon, which differs each time and must not become a label. */
    private static String kindOf(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }

    @Override
    public void failed(TunnelConnection connection, TunnelFailure failure) {
        count(
                connection,
                "sallyport.tunnel.failures",
                Tags.of("kind", failure.kind().name().toLowerCase(Locale.ROOT)));
    }

    @Override
    public void refused() {
        refused.increment();
    }

    @Override
    public void swapped(Snapshot snapshot) {
        tunnels.keySet().forEach(this::forgetIfDeleted);
    }

    private void count(TunnelConnection connection, String name, Tags more) {
        tunnels.computeIfPresent(connection.tunnel(), (_, figures) -> {
            figures.count(name, more);
            return figures;
        });
    }

    private void forgetIfDeleted(TunnelId tunnel) {
        if (exists.test(tunnel)) {
            return;
        }
        tunnels.computeIfPresent(tunnel, (_, figures) -> {
            if (!directory.of(tunnel).isEmpty()) {
                return figures;
            }
            figures.end();
            return null;
        });
    }

    /** The metrics of one tunnel. */
    private final class Figures {
        private final TunnelId id; // not a connection, because gauges live longer and would keep it in memory
        private final Tags tunnel;
        private final LongAdder requests = new LongAdder();
        private final Set<Meter> made = new HashSet<>();
        private boolean isWatched;

        Figures(TunnelId id) {
            this.id = id;
            this.tunnel = Tags.of("tunnel", id.toString());
            made.add(FunctionCounter.builder("sallyport.tunnel.requests", requests, LongAdder::sum)
                    .description("requests sent to connectors")
                    .tags(tunnel)
                    .register(meters));
        }

        void watch() {
            if (isWatched) {
                return;
            }
            isWatched = true;
            made.add(Gauge.builder(
                            "sallyport.tunnel.connections",
                            () -> directory.of(id).size())
                    .description("live connections of connectors to this replica")
                    .tags(tunnel)
                    .register(meters));
            made.add(Gauge.builder(
                            "sallyport.tunnel.requests.running",
                            () -> directory.of(id).stream()
                                    .mapToInt(TunnelConnection::outstanding)
                                    .sum())
                    .description("requests whose answer is not complete")
                    .tags(tunnel)
                    .register(meters));
        }

        void count(String name, Tags more) {
            Counter counter = meters.counter(name, tunnel.and(more));
            made.add(counter);
            counter.increment();
        }

        void end() {
            made.forEach(meters::remove);
        }
    }
}
