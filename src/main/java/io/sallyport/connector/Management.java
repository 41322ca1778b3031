package io.sallyport.connector;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.sallyport.token.ManagementClaims;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The connector's management service, for requests to the management host, which no rule sees: its log, host details and
 * metrics. The edge has verified the token's signature; here it must be for this tunnel and account and not expired, in case
 * the edge confuses tunnels.
 */
final class Management {
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON_TYPE = "application/json";
    private static final String MISSING =
            "{\"errors\":[{\"code\":1001,\"message\":\"missing access_token query parameter\"}]}";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ManagementSettings settings;
    private final TunnelCredentials credentials;
    private final UUID connector;
    private final LogReaders readers;
    private final Supplier<String> metrics;
    private final Supplier<Optional<InetAddress>> address;
    private final InstantSource clock;

    /**
     * @param connector this process
     * @param metrics in the text format of Prometheus
     * @param address local address of the connection to the edge
     */
    Management(
            ManagementSettings settings,
            TunnelCredentials credentials,
            UUID connector,
            LogReaders readers,
            Supplier<String> metrics,
            Supplier<Optional<InetAddress>> address,
            InstantSource clock) {
        this.settings = settings;
        this.credentials = credentials;
        this.connector = connector;
        this.readers = readers;
        this.metrics = metrics;
        this.address = address;
        this.clock = clock;
    }

    /** Whether this is the management host. */
    boolean isFor(String hostName) {
        return hostName.equalsIgnoreCase(settings.hostname());
    }

    void serve(Exchange exchange, EdgeRequest request) {
        QueryStringDecoder target = new QueryStringDecoder(request.head().uri());
        Optional<ManagementClaims> reader = reader(target);
        HttpMethod method = request.head().method();
        boolean headOnly = method.equals(HttpMethod.HEAD);
        if (reader.isEmpty()) {
            exchange.whole(400, JSON_TYPE, MISSING, headOnly);
        } else if (!headOnly && !method.equals(HttpMethod.GET)) {
            exchange.whole(405, TEXT, "", headOnly);
        } else {
            answer(exchange, request, target.path(), reader.get(), headOnly);
        }
    }

    private void answer(
            Exchange exchange, EdgeRequest request, String path, ManagementClaims reader, boolean headOnly) {
        switch (path) {
            case "/ping" -> exchange.whole(200, TEXT, "", headOnly);
            case "/logs" -> logs(exchange, request, reader);
            case "/host_details" -> hostDetails(exchange, headOnly);
            case "/metrics" -> {
                if (settings.diagnostics()) {
                    exchange.whole(200, "text/plain; version=0.0.4", metrics.get(), headOnly);
                } else {
                    exchange.whole(404, TEXT, "", headOnly);
                }
            }
            default -> exchange.whole(404, TEXT, "", headOnly);
        }
    }

    private Optional<ManagementClaims> reader(QueryStringDecoder target) {
        List<String> shown = target.parameters().getOrDefault("access_token", List.of());
        return shown.size() == 1
                ? ManagementClaims.claimed(shown.getFirst()).filter(this::isForThisTunnel)
                : Optional.empty();
    }

    private boolean isForThisTunnel(ManagementClaims claims) {
        return claims.tunnel().equalsIgnoreCase(credentials.tunnelId().toString())
                && claims.account().equals(credentials.accountTag())
                && clock.instant().isBefore(claims.expiresAt().plus(SKEW));
    }

    private void logs(Exchange exchange, EdgeRequest request, ManagementClaims reader) {
        if (request.kind() != RequestKind.WEBSOCKET
                || !request.head().headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)) {
            exchange.whole(426, TEXT, "this is a WebSocket\n", false);
            return;
        }
        LogSession session = new LogSession(readers, reader.actor(), LogSession.LONGEST_IDLE);
        exchange.respond(ByteStreams.accepted(request));
        exchange.flush();
        exchange.becomeBytes(session::addTo);
        exchange.channel().read();
    }

    /** Answers off the event loop, because determining the host's name may need a look-up. */
    private void hostDetails(Exchange exchange, boolean headOnly) {
        Thread.ofVirtual().name("host-details").start(() -> {
            String json = hostDetails();
            exchange.eventLoop().execute(() -> {
                if (!exchange.isOver()) {
                    exchange.whole(200, JSON_TYPE, json, headOnly);
                }
            });
        });
    }

    private String hostDetails() {
        ObjectNode details = JSON.createObjectNode().put("connector_id", connector.toString());
        address.get().ifPresent(ip -> details.put("ip", ip.getHostAddress()));
        return details.put("hostname", settings.label().isEmpty() ? machine() : "custom:" + settings.label())
                .toString();
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "unknown";
        }
    }
}
