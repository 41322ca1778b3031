package io.sallyport.connector;

import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The connector's metrics, with cloudflared's names where it has the same ones. */
final class ConnectorMetrics {
    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final AtomicInteger concurrent = new AtomicInteger();
    private final Map<Integer, LongAdder> byStatus = new ConcurrentSkipListMap<>();
    private final LongAdder registrations = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final LongAdder tcpStreams = new LongAdder();
    private final AtomicInteger flows = new AtomicInteger();
    private final LongAdder logLinesDropped = new LongAdder();

    void requestBegun() {
        requests.increment();
        concurrent.incrementAndGet();
    }

    void requestEnded() {
        concurrent.decrementAndGet();
    }

    void requestFailed() {
        failures.increment();
    }

    void responded(int status) {
        byStatus.computeIfAbsent(status, code -> new LongAdder()).increment();
    }

    void registered() {
        registrations.increment();
    }

    void refused() {
        refusals.increment();
    }

    void connectionLost() {
        lost.increment();
    }

    void streamCut() {
        cut.increment();
    }

    void tcpBegun() {
        tcpStreams.increment();
    }

    /** A remote reader of the log was too slow, and a line was dropped. */
    void logLineDropped() {
        logLinesDropped.increment();
    }

    /** Requests running now. */
    int concurrent() {
        return concurrent.get();
    }

    /** Flows to the private network open now. */
    int flows() {
        return flows.get();
    }

    void flowBegun(Channel flow) {
        flows.incrementAndGet();
        flow.closeFuture().addListener(closed -> flows.decrementAndGet());
    }

    /** In the text format of Prometheus. */
    String text(int connections, int configurationVersion) {
        StringBuilder out = new StringBuilder();
        line(out, "counter", "cloudflared_tunnel_total_requests", requests.sum());
        line(out, "gauge", "cloudflared_tunnel_concurrent_requests_per_tunnel", concurrent.get());
        line(out, "counter", "cloudflared_tunnel_request_errors", failures.sum());
        line(out, "gauge", "cloudflared_tunnel_ha_connections", connections);
        line(out, "counter", "cloudflared_tunnel_tunnel_register_success", registrations.sum());
        line(out, "counter", "cloudflared_tunnel_tunnel_register_fail", refusals.sum());
        line(out, "counter", "sallyport_tunnel_connections_lost", lost.sum());
        line(out, "counter", "sallyport_tunnel_streams_revoked", cut.sum());
        line(out, "counter", "sallyport_tunnel_log_lines_dropped", logLinesDropped.sum());
        line(out, "gauge", "cloudflared_orchestration_config_version", configurationVersion);
        line(out, "gauge", "cloudflared_tcp_active_sessions", flows.get());
        line(out, "counter", "cloudflared_tcp_total_sessions", tcpStreams.sum());
        out.append("# TYPE cloudflared_tunnel_response_by_code counter\n");
        byStatus.forEach((status, count) -> out.append("cloudflared_tunnel_response_by_code{status_code=\"")
                .append(status)
                .append("\"} ")
                .append(count.sum())
                .append('\n'));
        return out.toString();
    }

    private static void line(StringBuilder out, String type, String name, long value) {
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        out.append(name).append(' ').append(value).append('\n');
    }
}
