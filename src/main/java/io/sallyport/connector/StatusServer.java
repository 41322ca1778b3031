package io.sallyport.connector;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a connector shows on its metrics address: {@code /metrics}, {@code /ready} and friends (connector-config.md §7). Plain and
 * without authentication, so it listens on loopback unless told otherwise, and shows no secrets.
 */
public final class StatusServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int FIRST_PORT = 20241;
    private static final int LAST_PORT = 20245;

    private final HttpServer server;

    private StatusServer(HttpServer server) {
        this.server = server;
    }

    /** Listens at the first free of cloudflared's usual ports on loopback, or at any. */
    public static StatusServer start(Connector connector) throws IOException {
        for (int port = FIRST_PORT; port <= LAST_PORT; port++) {
            try {
                return start(connector, new InetSocketAddress(LOOPBACK, port));
            } catch (IOException taken) {
                // the next one
            }
        }
        return start(connector, new InetSocketAddress(LOOPBACK, 0));
    }

    /** Listens there. */
    public static StatusServer start(Connector connector, InetSocketAddress address) throws IOException {
        HttpServer server = HttpServer.create(address, 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, connector));
        server.start();
        return new StatusServer(server);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, Connector connector) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/metrics" -> send(exchange, 200, "text/plain; version=0.0.4", connector.metricsText());
            case "/healthcheck" -> send(exchange, 200, "text/plain", "OK\n");
            case "/ready" -> ready(exchange, connector);
            case "/config" ->
                send(
                        exchange,
                        200,
                        "application/json",
                        "{\"version\":" + connector.configuration().version() + ",\"config\":"
                                + connector.configuration().json() + "}");
            case "/quicktunnel" -> send(exchange, 200, "application/json", "{\"hostname\":\"\"}");
            case "/diag/tunnel" -> send(exchange, 200, "application/json", tunnel(connector));
            default -> send(exchange, 404, "text/plain", "not found\n");
        }
    }

    private static void ready(HttpExchange exchange, Connector connector) throws IOException {
        int connections = connector.readyConnections();
        int status = connections > 0 ? 200 : 503;
        send(
                exchange,
                status,
                "application/json",
                "{\"status\":%d,\"readyConnections\":%d,\"connectorId\":\"%s\"}"
                        .formatted(status, connections, connector.id()));
    }

    private static String tunnel(Connector connector) {
        ObjectNode document = JSON.createObjectNode()
                .put("tunnelID", connector.tunnelId().toString())
                .put("connectorID", connector.id().toString());
        ArrayNode connections = document.putArray("connections");
        for (int i = 0; i < connector.keepers().size(); i++) {
            EdgeConnection current = connector.keepers().get(i).current();
            Channel channel = current == null ? null : current.channel();
            ObjectNode entry = connections
                    .addObject()
                    .put("isConnected", channel != null && channel.isActive())
                    .put("index", i);
            if (current != null) {
                entry.put("protocol", current.protocol() == Protocol.QUIC ? 1 : 0)
                        .put("edgeAddress", current.edge().getAddress().getHostAddress());
            }
        }
        return JSON.writeValueAsString(document);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
