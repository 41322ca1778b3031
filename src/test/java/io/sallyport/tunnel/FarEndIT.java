package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.snapshot.Revocations;
import io.sallyport.testkit.OwnConnector;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.token.KeyRing;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Revocation at the far end of the tunnel: the product's own edge and its own connector on real sockets, without the gate in front,
 * so that nobody but the connector can be the one who refuses.
 */
class FarEndIT extends OneWorld {
    private static final Audience AUDIENCE = new Audience("ab".repeat(32));
    private static final UserId SOMEONE = new UserId(UUID.randomUUID());
    /** One second is promised and printed; a busy machine that builds elsewhere gets more before this fails. */
    private static final Duration PROMISED = Duration.ofSeconds(5);

    private static RecordingOrigin origin;
    private static HttpServer issuer;
    private static final AtomicInteger FETCHES = new AtomicInteger();

    private final List<Connector> connectors = new ArrayList<>();
    private Claim claim;

    @BeforeAll
    static void start() throws IOException {
        origin = RecordingOrigin.start();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/cdn-cgi/access/certs", exchange -> {
            FETCHES.incrementAndGet();
            byte[] body = world.keys.jwks(InstantSource.system().instant()).body();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        issuer.start();
        world.issuer = "http://127.0.0.1:" + issuer.getAddress().getPort();
    }

    @BeforeEach
    void fresh() {
        world.revocations = new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
        claim = world.tunnel();
    }

    @AfterEach
    void disconnect() {
        connectors.forEach(each -> each.stop(Duration.ZERO).join());
        origin.drain();
    }

    @AfterAll
    static void stop() {
        origin.close();
        issuer.stop(0);
    }

    @ParameterizedTest
    @EnumSource
    void ws02ARevokedSessionsStreamsEndAtTheOriginAndItsTokenIsRefusedThere(Protocol protocol) throws Exception {
        connect(protocol);
        String token = token("session-" + protocol);
        String other = token("other-" + protocol);
        assertThat(get("/", token)).isEqualTo(200);
        Endless stream = new Endless("/endless");
        Endless spared = new Endless("/spared");
        Endless socket = new Endless("/socket");
        Visit revoked = open("/endless", token, false);
        Visit unharmed = open("/spared", other, false);
        Visit upgraded = open("/socket", token, true);
        assertThat(revoked.status()).isEqualTo(200);
        assertThat(unharmed.status()).isEqualTo(200);
        assertThat(upgraded.status()).isEqualTo(101);

        long began = System.nanoTime();
        world.revocations = new Revocations(
                1, Map.of(), Map.of(), Map.of(), Map.of(), Set.of(new IdentityNonce("session-" + protocol)));
        world.publish();
        assertThat(stream.over.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(socket.over.await(30, TimeUnit.SECONDS)).isTrue();
        Duration ended = Duration.ofNanos(System.nanoTime() - began);
        await().until(() -> get("/", token) == 403);
        Duration refused = Duration.ofNanos(System.nanoTime() - began);

        System.out.printf(
                "FarEndIT %s: streams ended after %d ms, token refused after %d ms%n",
                protocol, ended.toMillis(), refused.toMillis());
        assertThat(ended).isLessThan(PROMISED);
        assertThat(refused).isLessThan(PROMISED);
        assertThat(revoked.broken).as("a broken answer, not a short one").succeedsWithin(PROMISED);
        assertThat(get("/", other)).isEqualTo(200);
        assertThat(unharmed.channel.isActive()).isTrue();
        assertThat(spared.over.getCount()).isOne();
        unharmed.channel.close();
    }

    /** A service token that was switched off: the far end refuses what was issued for it, and what is issued once it is on again counts. */
    @ParameterizedTest
    @EnumSource
    void cs07WhatWasIssuedForAServiceTokenDiesWithItAtTheFarEnd(Protocol protocol) throws Exception {
        connect(protocol);
        Instant issued = InstantSource.system().instant().minusSeconds(5);
        String token = serviceToken("robot-" + protocol + ".access", issued);
        String other = serviceToken("other.access", issued);
        Endless stream = new Endless("/endless");
        Visit running = open("/endless", token, false);
        assertThat(running.status()).isEqualTo(200);
        assertThat(get("/", other)).isEqualTo(200);
        world.revocations = new Revocations(
                1,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of("robot-" + protocol + ".access", issued.plusSeconds(1)),
                Set.of());
        world.publish();
        assertThat(stream.over.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> get("/", token) == 403);
        assertThat(get("/", other)).isEqualTo(200);
        assertThat(get("/", serviceToken("robot-" + protocol + ".access", issued.plusSeconds(3))))
                .as("issued after it was switched on again")
                .isEqualTo(200);
    }

    private static String serviceToken(String clientId, Instant issued) {
        return TokenIssuer.sign(
                world.keys, world.issuer, new TokenClaims.Service(AUDIENCE, clientId, issued, issued.plusSeconds(600)));
    }

    @ParameterizedTest
    @EnumSource
    void aConnectorHearsFirstWhatWasRevokedBeforeItCame(Protocol protocol) throws Exception {
        String before = token("before");
        world.revocations = new Revocations(
                1, Map.of(SOMEONE, InstantSource.system().instant()), Map.of(), Map.of(), Map.of(), Set.of());
        world.publish();
        connect(protocol);
        await().atMost(Duration.ofSeconds(30)).until(() -> get("/", before) == 403);
        await().until(() -> get("/", token("after")) == 200);
    }

    @ParameterizedTest
    @EnumSource
    void r22ANewKeyVerifiesAtOnceAndAWithdrawnOneNoLonger(Protocol protocol) throws Exception {
        connect(protocol);
        String old = token("keys");
        assertThat(get("/", old)).isEqualTo(200);
        Endless stream = new Endless("/endless");
        Visit running = open("/endless", old, false);
        assertThat(running.status()).isEqualTo(200);
        int fetched = FETCHES.get();

        world.keys = KeyRing.of(List.of(TunnelWorld.key()));
        long began = System.nanoTime();
        world.publish();
        await().until(() -> get("/", old) == 502);
        Duration refused = Duration.ofNanos(System.nanoTime() - began);
        assertThat(stream.over.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> get("/", token("keys")) == 200);
        Duration renewed = Duration.ofNanos(System.nanoTime() - began);
        System.out.printf(
                "FarEndIT %s: withdrawn key refused after %d ms, new key verified after %d ms%n",
                protocol, refused.toMillis(), renewed.toMillis());
        assertThat(refused).isLessThan(PROMISED);
        assertThat(renewed).isLessThan(PROMISED);
        assertThat(FETCHES.get() - fetched).isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void aStockConnectorIsNeverAskedAnything(TunnelProtocol protocol) {
        TestConnector stock = world.dial(protocol, claim).registered();
        world.revocations = new Revocations(2, Map.of(), Map.of(), Map.of(), Map.of(), Set.of(new IdentityNonce("x")));
        world.publish();
        world.grant(claim.tunnel(), claim.secret(), true, 1, "{\"ingress\":[]}");
        await().during(Duration.ofMillis(300)).until(() -> stock.asked() == 0);
        assertThat(stock.closed()).isNotDone();
    }

    @Test
    void thousandsOfRevocationsArriveWholeOnBothTransports() throws Exception {
        Set<IdentityNonce> many = new HashSet<>();
        for (int i = 0; i < 45_000; i++) {
            many.add(new IdentityNonce("many-" + i));
        }
        world.revocations = new Revocations(
                3, Map.of(), Map.of(), Map.of(new AppId(UUID.randomUUID()), Instant.EPOCH), Map.of(), many);
        world.publish();
        for (Protocol protocol : Protocol.values()) {
            connect(protocol);
            for (int i : new int[] {0, 20_000, 44_999}) {
                String token = token("many-" + i);
                await().until(() -> get("/", token) == 403);
            }
            assertThat(get("/", token("not among them"))).isEqualTo(200);
            connectors.removeLast().stop(Duration.ZERO).join();
            await().until(() -> world.connections(claim) == 0);
        }
    }

    /** An origin's answer that does not end by itself; counts down when the other end is gone. */
    private static final class Endless {
        final CountDownLatch over = new CountDownLatch(1);

        Endless(String path) {
            String head = path.equals("/socket")
                    ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n";
            origin.answer(request -> request.target().equals(path), (request, in, out) -> {
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                try {
                    while (in.read() >= 0) {
                        // whatever the visitor says
                    }
                } finally {
                    over.countDown();
                }
                return false;
            });
        }
    }

    /** A request on its way through the tunnel, as the gate would send it. */
    private static final class Visit extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        final CompletableFuture<Void> broken = new CompletableFuture<>();
        private boolean isEnded;
        private Channel channel;

        int status() {
            return status.orTimeout(30, TimeUnit.SECONDS).join();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpResponse head) {
                status.complete(head.status().code());
            }
            isEnded |= message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            ctx.read();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            status.completeExceptionally(cause);
            if (!isEnded) {
                broken.complete(null);
            }
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            status.completeExceptionally(new IOException("closed"));
            if (!isEnded) {
                broken.complete(null);
            }
        }
    }

    /** The status of an answer; 502, as the gate says it, when the connector has none. */
    private int get(String path, String token) {
        Visit visit = open(path, token, false);
        int status = visit.status
                .exceptionally(failure -> 502)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        visit.channel.close();
        return status;
    }

    private Visit open(String path, String token, boolean upgrade) {
        Visit visit = new Visit();
        Channel channel = world.open(claim, visit);
        visit.channel = channel;
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        head.headers().set("Host", "app.localhost").set("Cf-Access-Jwt-Assertion", token);
        if (upgrade) {
            head.headers()
                    .set("Connection", "Upgrade")
                    .set("Upgrade", "websocket")
                    .set("Sec-WebSocket-Version", "13")
                    .set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        channel.write(head);
        if (upgrade) {
            channel.flush();
        } else {
            channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        channel.read();
        return visit;
    }

    private static String token(String session) {
        Instant now = InstantSource.system().instant();
        return TokenIssuer.sign(
                world.keys,
                world.issuer,
                new TokenClaims.App(
                        AUDIENCE,
                        SOMEONE,
                        Email.parse("someone@example.com").orElseThrow(),
                        new IdentityNonce(session),
                        null,
                        Map.of(),
                        "",
                        null,
                        now,
                        now.plusSeconds(600)));
    }

    private void connect(Protocol protocol) {
        TunnelCredentials credentials =
                new TunnelCredentials(claim.account(), claim.tunnel(), new TunnelSecret(claim.secret()));
        connectors.add(OwnConnector.start(credentials, world.server.port(), world.authority, protocol, 1, """
                originRequest:
                  access:
                    required: true
                    issuer: %s
                    audTag: [%s]
                ingress: [{service: '%s'}]
                """.formatted(
                        world.issuer, AUDIENCE, origin.uri())));
    }
}
