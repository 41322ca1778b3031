package io.sallyport.token;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves certs and discovery of a key ring over real HTTP, as the team domain does, and counts who asks. */
final class CertsServer implements AutoCloseable {
    private final HttpServer server;
    private final InstantSource clock;
    final AtomicInteger fetches = new AtomicInteger();
    private volatile KeyRing keys;

    CertsServer(KeyRing keys, InstantSource clock) throws IOException {
        this.keys = keys;
        this.clock = clock;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(DiscoveryDocument.CERTS_PATH, exchange -> {
            fetches.incrementAndGet();
            JwksDocument document = this.keys.jwks(this.clock.instant());
            exchange.getResponseHeaders().set("Cache-Control", document.cacheControl());
            answer(exchange, document.body());
        });
        server.createContext(
                "/.well-known/openid-configuration", exchange -> answer(exchange, DiscoveryDocument.of(issuer())));
        server.start();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    void serve(KeyRing newer) {
        keys = newer;
    }

    String issuer() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    String certs() {
        return issuer() + DiscoveryDocument.CERTS_PATH;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
