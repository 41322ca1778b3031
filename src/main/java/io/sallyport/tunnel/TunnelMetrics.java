package io.sallyport.tunnel;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotListener;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Metrics of tunnels, labelled by tunnel. Those of a deleted tunnel are removed once its last connection has closed. */
final class TunnelMetrics implements ConnectionListener, SnapshotListener {
    private static final String TUNNEL = "tunnel";

    private final MeterRegistry meters;
    private final TunnelDirectory directory;
    private final Counter refused;
    private final Map<TunnelId, LongAdder> requests = new ConcurrentHashMap<>();
    private final Set<TunnelId> known = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Snapshot snapshot;

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
                    .tag(TUNNEL, id.toString())
                    .register(meters);
            return count;
        });
    }

    @Override
    public void registered(TunnelConnection connection) {
        TunnelId id = connection.tunnel(); // the gauges outlive the connection, and must not hold it
        Tags tunnel = Tags.of(TUNNEL, id.toString());
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
        Tags tunnel = Tags.of(TUNNEL, connection.tunnel().toString());
        meters.counter(
                        "sallyport.tunnel.disconnections",
                        tunnel.and("protocol", connection.protocol().word(), "reason", kindOf(reason)))
                .increment();
        forgetDeleted(connection.tunnel());
    }

    @Override
    public void swapped(Snapshot next) {
        snapshot = next;
        requests.keySet().forEach(this::forgetDeleted);
    }

    /** Where tunnels are created and deleted all the time, meters that stay would grow the registry and every scrape of it. */
    private void forgetDeleted(TunnelId id) {
        Snapshot now = snapshot;
        if (now != null && !now.tunnels().containsKey(id) && directory.of(id).isEmpty()) {
            requests.remove(id);
            known.remove(id);
            String name = id.toString();
            meters.getMeters().stream()
                    .filter(each -> name.equals(each.getId().getTag(TUNNEL)))
                    .forEach(meters::remove);
        }
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
                                TUNNEL,
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
