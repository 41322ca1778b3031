package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.tunnel.TunnelConnection;
import io.sallyport.tunnel.TunnelDirectory;
import io.sallyport.tunnel.TunnelPath;
import io.sallyport.tunnel.TunnelPaths;
import io.sallyport.tunnel.TunnelProtocol;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/**
 * What must be true of requests through a tunnel, over both transports, on real sockets with real TLS at both ends, wherever the
 * visitor's replica and the connector's are.
 */
abstract class TunnelBehaviour {
    static final String HOST = "app.localhost";
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    /**
     * Where it is tried.
     *
     * @param visitors the port that visitors come to
     * @param connectors the port that connectors dial
     * @param directory where connectors arrive
     * @param paths how the visitors' replica gets there
     */
    record Scene(
            int visitors,
            int connectors,
            TunnelDirectory directory,
            TunnelPaths paths,
            String account,
            TunnelId tunnel,
            byte[] secret) {}

    static Scene scene;

    private final List<TestConnector> connectors = new ArrayList<>();

    @AfterEach
    void disconnect() {
        await().untilAsserted(() -> assertThat(scene.directory()
                        .all()
                        .mapToInt(TunnelConnection::outstanding)
                        .sum())
                .as("streams left over")
                .isZero());
        connectors.forEach(TestConnector::close);
        await().until(() -> scene.directory().all().findAny().isEmpty());
        await().until(() -> scene.paths().next(scene.tunnel(), List.of()).isEmpty());
    }

    private TestConnector connect(TunnelProtocol protocol) {
        return connect(protocol, 0);
    }

    private TestConnector connect(TunnelProtocol protocol, int index) {
        TestConnector.Claim claim = new TestConnector.Claim(
                scene.account(), scene.tunnel().value(), scene.secret(), UUID.randomUUID(), index);
        TestConnector connector = switch (protocol) {
            case HTTP2 -> TestConnectorHttp2.dial(scene.connectors(), claim);
            case QUIC -> TestConnectorQuic.dial(scene.connectors(), claim);
        };
        connectors.add(connector.registered());
        await("the visitors' replica to know").until(() -> chances(scene) == connectors.size());
        return connector;
    }

    /** How many connections the visitors' replica sees, its own or another's. */
    private static int chances(Scene scene) {
        List<TunnelPath> tried = new ArrayList<>();
        for (var next = scene.paths().next(scene.tunnel(), tried);
                next.isPresent();
                next = scene.paths().next(scene.tunnel(), tried)) {
            tried.add(next.get());
        }
        return tried.size();
    }

    private static RawHttp.Response get(String path, String... headers) {
        return RawHttp.exchange(
                scene.visitors(),
                "GET " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\n" + String.join("", headers)
                        + "Connection: close\r\n\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void requestsReachTheOriginAndAnswersTheVisitor(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            seen.add(request);
            request.answer(201, "hello", new Field("X-Test", "1"), new Field("Content-Length", "5"));
        });

        RawHttp.Response response = get("/a%20b/c?q=1&r=%2F", "X-Mine: yes\r\n");

        assertThat(response.status()).isEqualTo(201);
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.first("X-Test")).isEqualTo("1");
        TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
        assertThat(request.kind).isEqualTo("HTTP");
        assertThat(request.method).isEqualTo("GET");
        assertThat(request.host).isEqualTo(HOST);
        assertThat(request.path).isEqualTo("/a%20b/c?q=1&r=%2F");
        assertThat(request.field("x-mine")).isEqualTo("yes");
        assertThat(request.field("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(request.field("x-forwarded-host")).isEqualTo(HOST);
        assertThat(request.field("cf-ray")).isEqualTo(response.first("Cf-Ray"));
        assertThat(request.received).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void manyHeadersAndCookiesComeThrough(TunnelProtocol protocol) {
        List<Field> many = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> many.add(new Field("Set-Cookie", "c" + i + "=" + i)));
        IntStream.range(0, 200).forEach(i -> many.add(new Field("X-Long-" + i, "v".repeat(1000))));
        connect(protocol).answering(request -> request.answer(200, "ok", many.toArray(Field[]::new)));

        RawHttp.Response response = get("/");

        assertThat(response.all("Set-Cookie")).hasSize(20).startsWith("c0=0").endsWith("c19=19");
        assertThat(response.first("X-Long-199")).hasSize(1000);
        assertThat(response.text()).isEqualTo("ok");
    }

    @ParameterizedTest
    @EnumSource
    void answersWithoutABodyHaveNone(TunnelProtocol protocol) {
        connect(protocol).answering(request -> {
            int status = request.method.equals("HEAD") ? 200 : Integer.parseInt(request.path.substring(1));
            request.head(
                    status, request.method.equals("HEAD") ? List.of(new Field("Content-Length", "12345")) : List.of());
            request.end();
        });
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("HEAD / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            RawHttp.Response head = http.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.first("Content-Length")).isEqualTo("12345");
            for (int status : new int[] {204, 304, 404}) {
                http.send("GET /" + status + " HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
                RawHttp.Response response = http.response();
                assertThat(response.status()).isEqualTo(status);
                assertThat(response.body()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void bodiesOfKnownAndUnknownLengthReachTheOriginWhole(TunnelProtocol protocol) {
        connect(protocol)
                .answering(request -> request.received.thenRun(() -> request.answer(
                        200,
                        sha256(bytes(request)) + " " + request.field("content-length") + " "
                                + request.field("transfer-encoding"))));
        byte[] body = noise(3 << 20);
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("POST / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .send(body);
            assertThat(http.response().text()).startsWith(sha256(body) + " " + body.length);
            http.send("POST / HTTP/1.1\r\nHost: " + HOST + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .send(Integer.toHexString(body.length) + "\r\n")
                    .send(body)
                    .send("\r\n0\r\n\r\n");
            assertThat(http.response().text())
                    .startsWith(sha256(body) + " ")
                    .endsWith(protocol == TunnelProtocol.QUIC ? "chunked" : " ");
        }
    }

    /** Uploads of this size over HTTP/2 once stalled when the body was asked for piece by piece. */
    @ParameterizedTest
    @EnumSource
    void largeUploadsOverHttp2ComeWhole(TunnelProtocol protocol) {
        connect(protocol)
                .answering(request -> request.received.thenRun(() -> request.answer(200, sha256(bytes(request)))));
        byte[] body = noise(24 << 20);
        String answer = HttpClient.create()
                .protocol(HttpProtocol.H2C)
                .headers(headers -> headers.set("Host", HOST).set("Content-Length", body.length))
                .post()
                .uri("http://127.0.0.1:" + scene.visitors() + "/")
                .send(Flux.range(0, 24 * 16).map(i -> Unpooled.wrappedBuffer(body, i << 16, 1 << 16)))
                .responseContent()
                .aggregate()
                .asString()
                .block(Duration.ofSeconds(60));
        assertThat(answer).isEqualTo(sha256(body));
    }

    @Test
    void callsOfGrpcStreamBothWaysAndEndWithTheirStatus() {
        connect(TunnelProtocol.HTTP2).answering(request -> {
            request.onPiece = request::write;
            request.head(200, List.of(new Field("Content-Type", "application/grpc")));
            request.received.thenRun(() -> request.end(List.of(new Field("grpc-status", "0"))));
        });
        StringBuilder echoed = new StringBuilder();
        String status = HttpClient.create()
                .protocol(HttpProtocol.H2C)
                .headers(headers -> headers.set("Host", HOST)
                        .set("Content-Type", "application/grpc")
                        .set("TE", "trailers"))
                .post()
                .uri("http://127.0.0.1:" + scene.visitors() + "/service/Method")
                .send(Flux.interval(Duration.ofMillis(50))
                        .take(5)
                        .map(i -> Unpooled.copiedBuffer("m" + i, StandardCharsets.US_ASCII)))
                .response((response, content) -> content.asString()
                        .doOnNext(echoed::append)
                        .then(response.trailerHeaders().map(trailers -> trailers.get("grpc-status", "missing"))))
                .blockLast(Duration.ofSeconds(20));
        assertThat(status).isEqualTo("0");
        assertThat(echoed).hasToString("m0m1m2m3m4");
    }

    /** cloudflared sends a head and an empty end for what its origin said in a head alone. */
    @ParameterizedTest
    @EnumSource
    void aCallOfGrpcThatFailsAtOnceEndsWithItsHead(TunnelProtocol protocol) {
        connect(protocol)
                .answering(request -> request.received.thenRun(() -> {
                    request.head(
                            200,
                            List.of(
                                    new Field("Content-Type", "application/grpc"),
                                    new Field("Grpc-Status", "12"),
                                    new Field("Grpc-Message", "unknown method")));
                    request.end(List.of());
                }));
        try (RawHttp2 http = RawHttp2.connect(scene.visitors())) {
            http.request(
                            1,
                            false,
                            ":method",
                            "POST",
                            ":scheme",
                            "http",
                            ":authority",
                            HOST,
                            ":path",
                            "/pkg.Service/Method",
                            "content-type",
                            "application/grpc",
                            "te",
                            "trailers")
                    .data(1, true, "x".getBytes(StandardCharsets.US_ASCII));
            RawHttp2.Frame head = http.next();
            while (head != null && head.stream() != 1) {
                head = http.next();
            }
            assertThat(head).isNotNull();
            assertThat(head.type()).isEqualTo(RawHttp2.HEADERS);
            assertThat(head.flags() & RawHttp2.END_STREAM).isNotZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeAnswersComeWhole(TunnelProtocol protocol) {
        byte[] body = noise(16 << 20);
        connect(protocol).answering(request -> {
            request.head(200, List.of());
            for (int at = 0; at < body.length; at += 1 << 16) {
                request.write(Arrays.copyOfRange(body, at, at + (1 << 16)));
            }
            request.end();
        });
        assertThat(sha256(get("/").body())).isEqualTo(sha256(body));
    }

    @ParameterizedTest
    @EnumSource
    void eventsArriveAsTheyHappen(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            request.head(200, List.of(new Field("Content-Type", "text/event-stream")));
            request.write("data: 1\n\n".getBytes(StandardCharsets.US_ASCII));
            seen.add(request);
        });
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET /events HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(http.head().first("Content-Type")).isEqualTo("text/event-stream");
            assertThat(new String(http.read(14), StandardCharsets.US_ASCII)).isEqualTo("9\r\ndata: 1\n\n\r\n");
            TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
            request.write("data: 2\n\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(http.read(14), StandardCharsets.US_ASCII)).isEqualTo("9\r\ndata: 2\n\n\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aVisitorWhoLeavesCancelsTheRequestAtTheOrigin(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = beginning(protocol, List.of(), 10);
        TestConnector.Request request;
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET /endless HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            http.head();
            request = seen.poll(30, TimeUnit.SECONDS);
        }
        await().untilAsserted(() -> {
            request.write(new byte[10]);
            assertThat(request.cancelled).isDone();
        });
        await().until(() -> scene.directory().of(scene.tunnel()).getFirst().outstanding() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void aStalledVisitorStallsTheOriginAndNobodyElse(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            if (request.path.equals("/small")) {
                request.answer(200, "small");
            } else {
                request.head(200, List.of());
                seen.add(request);
            }
        });
        try (RawHttp stalled = RawHttp.connect(scene.visitors())) {
            stalled.send("GET /large HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            TestConnector.Request large = seen.poll(30, TimeUnit.SECONDS);
            byte[] piece = new byte[1 << 16];
            int written = 0;
            while (large.stream().isWritable() && written < (64 << 20)) {
                var write = large.stream().isWritable();
                large.write(piece);
                written += write ? piece.length : 0;
                large.stream().eventLoop().submit(() -> {}).syncUninterruptibly();
            }
            assertThat(written)
                    .as("taken from the origin for a visitor who reads nothing")
                    .isLessThan(32 << 20);
            for (int i = 0; i < 20; i++) {
                assertThat(get("/small").text()).isEqualTo("small");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void webSocketsPassAsBytes(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            request.onPiece = request::write;
            request.head(
                    101,
                    List.of(
                            new Field("Upgrade", "websocket"),
                            new Field("Connection", "Upgrade"),
                            new Field("Sec-WebSocket-Accept", accept(request.field("sec-websocket-key"))),
                            new Field("Sec-WebSocket-Protocol", "chat.v2")));
            seen.add(request);
        });
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET /ws HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat.v1, chat.v2\r\nSec-WebSocket-Key: "
                    + KEY
                    + "\r\n\r\n");
            RawHttp.Response switched = http.head();
            assertThat(switched.status()).isEqualTo(101);
            assertThat(switched.first("Sec-WebSocket-Protocol")).isEqualTo("chat.v2");
            TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
            assertThat(request.kind).isEqualTo("WEBSOCKET");
            // The script echoes the visitor's bytes, so frames come back with their masks: as a server it must not
            // mask, so
            // what is sent here is an unmasked server frame from the script's own mouth.
            request.onPiece = piece -> {};
            byte[] frame = new byte[70_000 + 10];
            frame[0] = (byte) 0x82;
            frame[1] = 127;
            frame[7] = (byte) (70_000 >> 16);
            frame[8] = (byte) (70_000 >> 8);
            frame[9] = (byte) 70_000;
            request.write(frame);
            assertThat(http.read(frame.length)).isEqualTo(frame);
            byte[] masked = {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2};
            http.send(masked);
            await().untilAsserted(() -> assertThat(bytes(request)).isEqualTo(masked));
            request.write(new byte[] {(byte) 0x88, 2, 0x0f, (byte) 0xa1}); // 4001
            request.end();
            assertThat(http.readToEnd()).containsExactly(0x88, 2, 0x0f, 0xa1);
        }
    }

    /** A reset would overtake what the connector has not read yet. */
    @Test
    void aVisitorWhoLeavesAWebSocketEndsItsStreamWithoutAReset() throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(TunnelProtocol.HTTP2).answering(request -> {
            request.head(
                    101,
                    List.of(
                            new Field("Upgrade", "websocket"),
                            new Field("Connection", "Upgrade"),
                            new Field("Sec-WebSocket-Accept", accept(request.field("sec-websocket-key")))));
            seen.add(request);
        });
        byte[] masked = {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2};
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET /ws HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n\r\n");
            assertThat(http.head().status()).isEqualTo(101);
            http.send(masked);
        }
        TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
        assertThat(request.received).succeedsWithin(Duration.ofSeconds(30));
        assertThat(bytes(request)).isEqualTo(masked);
        request.write(new byte[100_000]); // an origin that has not noticed yet
        request.end();
        assertThat(request.stream().closeFuture().await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(request.cancelled).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedHandshakeReachesTheVisitorAsItIs(TunnelProtocol protocol) {
        connect(protocol).answering(request -> request.answer(403, "no sockets here"));
        RawHttp.Response refused = get(
                "/ws",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY
                        + "\r\n");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text()).isEqualTo("no sockets here");
    }

    @Test
    void trailersComeThroughOverHttp2() {
        connect(TunnelProtocol.HTTP2).answering(request -> {
            request.head(200, List.of(new Field("Trailer", "X-Checksum"), new Field("Content-Type", "text/plain")));
            request.write("body".getBytes(StandardCharsets.US_ASCII));
            request.end(List.of(new Field("x-checksum", "abc"), new Field("set-cookie", "evil=1")));
        });
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n");
            http.head();
            assertThat(new String(http.readToEnd(), StandardCharsets.US_ASCII))
                    .contains("body")
                    .contains("x-checksum: abc")
                    .doesNotContain("set-cookie");
        }
    }

    @ParameterizedTest
    @EnumSource
    void faultsOfOriginAndTunnelAreToldApart(TunnelProtocol protocol) {
        assertThat(get("/").status()).as("no connector").isEqualTo(530);
        connect(protocol).answering(request -> {
            switch (request.path) {
                case "/unreachable" -> request.originUnreachable();
                case "/reset" -> request.reset();
                default -> request.answer(500, "the origin's own");
            }
        });
        assertThat(get("/unreachable").status()).isEqualTo(502);
        assertThat(get("/reset").status()).isEqualTo(502);
        assertThat(get("/own").status()).isEqualTo(500);
        assertThat(get("/own").text()).isEqualTo("the origin's own");
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionRemembersWhyARequestOverItFailedLast(TunnelProtocol protocol) {
        connect(protocol).answering(request -> {
            switch (request.path) {
                case "/unreachable" -> request.originUnreachable();
                case "/reset" -> request.reset();
                default -> request.answer(200, "ok");
            }
        });
        TunnelConnection connection = scene.directory().of(scene.tunnel()).getFirst();
        assertThat(get("/").status()).isEqualTo(200);
        assertThat(connection.lastError()).isEmpty();
        assertThat(get("/unreachable").status()).isEqualTo(502);
        await().until(() -> connection.lastError().equals("the connector got no answer from the origin"));
        assertThat(get("/reset").status()).isEqualTo(502);
        await().until(() -> connection.lastError().startsWith("the connector reset the stream"));
    }

    /** How a visitor learns where an answer ends. */
    enum Framing {
        LENGTH(new Field("Content-Length", "1000000")),
        CHUNKS;

        private final List<Field> fields;

        Framing(Field... fields) {
            this.fields = List.of(fields);
        }
    }

    /** How it is broken off. */
    enum Breach {
        RESET,
        CONNECTION_LOST;

        void at(TestConnector.Request request) {
            switch (this) {
                case RESET -> request.reset();
                case CONNECTION_LOST -> request.stream().parent().close();
            }
        }
    }

    /** A connector that begins each answer and leaves the rest to the test, which gets the requests. */
    private BlockingQueue<TestConnector.Request> beginning(TunnelProtocol protocol, List<Field> fields, int bytes) {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            request.head(200, fields);
            request.write(new byte[bytes]);
            seen.add(request);
        });
        return seen;
    }

    static Stream<Arguments> breaches() {
        return Stream.of(TunnelProtocol.values())
                .flatMap(protocol -> Stream.of(Breach.values()).map(breach -> Arguments.of(protocol, breach)));
    }

    static Stream<Arguments> breachesAndFramings() {
        return breaches()
                .flatMap(each -> Stream.of(Framing.values())
                        .map(framing -> Arguments.of(each.get()[0], each.get()[1], framing)));
    }

    @ParameterizedTest
    @MethodSource("breachesAndFramings")
    void anAnswerBrokenOffNeverLooksComplete(TunnelProtocol protocol, Breach breach, Framing framing)
            throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = beginning(protocol, framing.fields, 100_000);
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            RawHttp.Response head = http.head();
            assertThat(head.first("Transfer-Encoding")).isEqualTo(framing == Framing.CHUNKS ? "chunked" : null);
            assertThat(head.first("Content-Length")).isEqualTo(framing == Framing.LENGTH ? "1000000" : null);
            breach.at(seen.poll(30, TimeUnit.SECONDS));
            byte[] rest = http.readToEnd();
            switch (framing) {
                case LENGTH -> assertThat(rest.length).isLessThan(1_000_000);
                case CHUNKS ->
                    assertThat(new String(rest, StandardCharsets.ISO_8859_1)).doesNotEndWith("0\r\n\r\n");
            }
        }
    }

    /** HTTP/1.0 knows no chunks (RFC 9112 §6.1), so the end of the connection is the end of the answer. */
    @ParameterizedTest
    @EnumSource
    void anAnswerWithoutALengthEndsAnOldVisitorsConnection(TunnelProtocol protocol) throws IOException {
        byte[] body = "0123456789".repeat(20_000).getBytes(StandardCharsets.ISO_8859_1);
        connect(protocol).answering(request -> {
            request.head(200, List.of());
            request.write(body);
            request.end();
        });
        try (Socket old = new Socket(InetAddress.getLoopbackAddress(), scene.visitors())) {
            old.setSoTimeout(30_000);
            old.getOutputStream()
                    .write(("GET / HTTP/1.0\r\nConnection: keep-alive\r\nHost: " + HOST + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            String all = new String(old.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(all.substring(0, all.indexOf("\r\n\r\n")))
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("\r\nconnection: close")
                    .doesNotContainIgnoringCase("transfer-encoding");
            assertThat(all.substring(all.indexOf("\r\n\r\n") + 4))
                    .isEqualTo(new String(body, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void anAnswerBrokenOffResetsAnOldVisitorsConnection(TunnelProtocol protocol, Breach breach)
            throws IOException, InterruptedException {
        BlockingQueue<TestConnector.Request> seen = beginning(protocol, List.of(), 100);
        try (Socket old = new Socket(InetAddress.getLoopbackAddress(), scene.visitors())) {
            old.setSoTimeout(30_000);
            InputStream in = old.getInputStream();
            old.getOutputStream()
                    .write(("GET / HTTP/1.0\r\nHost: " + HOST + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            assertThat(in.read()).isEqualTo('H');
            breach.at(seen.poll(30, TimeUnit.SECONDS));
            assertThatThrownBy(in::readAllBytes).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void anAnswerBrokenOffResetsTheVisitorsStreamOfHttp2(TunnelProtocol protocol, Breach breach)
            throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = beginning(protocol, List.of(), 100);
        try (RawHttp2 http = RawHttp2.connect(scene.visitors())) {
            http.request(1, true, RawHttp2.get(HOST, "/"));
            RawHttp2.Frame begun = awaitFrame(http, RawHttp2.DATA);
            assertThat(begun.flags() & RawHttp2.END_STREAM).isZero();
            breach.at(seen.poll(30, TimeUnit.SECONDS));
            RawHttp2.Frame end = http.next();
            while (end != null
                    && end.type() != RawHttp2.RST_STREAM
                    && (end.type() != RawHttp2.DATA || (end.flags() & RawHttp2.END_STREAM) == 0)) {
                end = http.next();
            }
            assertThat(end).isNotNull();
            assertThat(end.type()).isEqualTo(RawHttp2.RST_STREAM);
        }
    }

    private static RawHttp2.Frame awaitFrame(RawHttp2 http, int type) {
        RawHttp2.Frame frame = http.next();
        while (frame != null && frame.type() != type) {
            frame = http.next();
        }
        assertThat(frame).isNotNull();
        return frame;
    }

    /** The origin says nothing meanwhile, so nobody notices by its next piece. */
    @ParameterizedTest
    @EnumSource
    void aVisitorWhoResetsAStreamOfHttp2CancelsItAloneAtTheOrigin(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            if (request.path.equals("/other")) {
                request.answer(200, "other");
            } else {
                request.head(200, List.of());
                request.write(new byte[10]);
                seen.add(request);
            }
        });
        TunnelConnection connection = scene.directory().of(scene.tunnel()).getFirst();
        try (RawHttp2 http = RawHttp2.connect(scene.visitors())) {
            http.request(1, true, RawHttp2.get(HOST, "/endless"));
            awaitFrame(http, RawHttp2.DATA);
            TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
            byte[] cancel = {0, 0, 0, 8};
            http.frame(RawHttp2.RST_STREAM, 0, 1, cancel);
            await().until(() -> connection.outstanding() == 0);
            await().untilAsserted(() -> {
                if (protocol == TunnelProtocol.QUIC) {
                    request.write(new byte[10]); // which is how this connector learns of it
                }
                assertThat(request.cancelled).isDone();
            });
            http.request(3, true, RawHttp2.get(HOST, "/other"));
            assertThat(awaitFrame(http, RawHttp2.DATA).payload()).asString().isEqualTo("other");
        }
    }

    /** In the middle of an answer as well as of the request: the origin must not take the half for the whole. */
    @ParameterizedTest
    @EnumSource
    void aVisitorWhoLeavesDuringAnUploadBreaksItOffAtTheOrigin(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = beginning(protocol, List.of(), 10);
        TestConnector.Request request;
        try (RawHttp http = RawHttp.connect(scene.visitors())) {
            http.send("POST / HTTP/1.1\r\nHost: " + HOST + "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            assertThat(http.head().status()).isEqualTo(200);
            request = seen.poll(30, TimeUnit.SECONDS);
            await().untilAsserted(() ->
                    assertThat(request.body.toString(StandardCharsets.US_ASCII)).isEqualTo("half"));
        }
        assertThat(request.received).failsWithin(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @EnumSource
    void tu05HostileAnswersAreNotPassedOn(TunnelProtocol protocol) {
        connect(protocol).answering(request -> {
            switch (request.path) {
                case "/crlf" -> request.answer(200, "x", new Field("X-A", "b\r\nSet-Cookie: evil=1"));
                case "/nul" -> request.answer(200, "x", new Field("X-A", "b\0"));
                case "/name" -> request.answer(200, "x", new Field("X A", "b"));
                case "/pseudo" -> request.answer(200, "x", new Field(":status", "200"));
                case "/coding" -> request.answer(200, "x", new Field("Transfer-Encoding", "chunked"));
                case "/lengths" ->
                    request.answer(200, "x", new Field("Content-Length", "1"), new Field("Content-Length", "2"));
                case "/negative" -> request.answer(200, "x", new Field("Content-Length", "-1"));
                case "/status" -> request.answer(199, "x");
                case "/upgrade" -> request.answer(101, "x");
                default -> throw new AssertionError(request.path);
            }
        });
        for (String path : List.of("/crlf", "/nul", "/name", "/pseudo", "/coding", "/lengths", "/negative")) {
            assertThat(get(path).status()).as(path).isEqualTo(502);
        }
        if (protocol == TunnelProtocol.QUIC) {
            assertThat(get("/status").status()).isEqualTo(502);
            assertThat(get("/upgrade").status()).isEqualTo(502);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tu05ABodyThatIsNotAsLongAsAnnouncedIsCutOff(TunnelProtocol protocol) {
        connect(protocol)
                .answering(request -> request.answer(
                        200,
                        "12345".repeat(20_000),
                        new Field("Content-Length", request.path.equals("/short") ? "100001" : "99999")));
        for (String path : List.of("/short", "/long")) {
            try (RawHttp http = RawHttp.connect(scene.visitors())) {
                http.send("GET " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
                byte[] all = http.readToEnd();
                String text = new String(all, StandardCharsets.ISO_8859_1);
                int body = text.substring(Math.max(0, text.indexOf("\r\n\r\n") + 4))
                        .length();
                assertThat(body).as(path).isLessThan(path.equals("/short") ? 100_001 : 99_999);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsBetweenEdgeAndConnectorPassesNeitherWay(TunnelProtocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        connect(protocol).answering(request -> {
            seen.add(request);
            request.answer(
                    200,
                    "ok",
                    new Field("Cf-Cloudflared-Anything", "1"),
                    new Field("Cf-Int-Thing", "1"),
                    new Field("Cf-Proxy-Thing", "1"),
                    new Field("Connection", "close"),
                    new Field("Keep-Alive", "1"));
        });
        RawHttp.Response response = get(
                "/",
                "Cf-Cloudflared-Proxy-Connection-Upgrade: update-configuration\r\n",
                "Cf-Cloudflared-Proxy-Src: 1.2.3.4\r\n",
                "Cf_Cloudflared_Proxy_Src: 1.2.3.4\r\n",
                "Cf-Int-X: 1\r\nCf-Proxy-X: 1\r\nCf-Warp-Tag-Id: 1\r\nCf-Trace-Id: 1:2:3:4\r\n",
                "Cf-Access-Jwt-Assertion: forged\r\nCf-Connecting-Ip: 6.6.6.6\r\n");
        TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
        assertThat(request.kind).isEqualTo("HTTP");
        assertThat(request.fields.stream().map(field -> field.name().toLowerCase(Locale.ROOT)))
                .noneMatch(name -> name.startsWith("cf-cloudflared")
                        || name.startsWith("cf-int")
                        || name.startsWith("cf-proxy")
                        || name.startsWith("cf-warp")
                        || name.equals("cf-trace-id")
                        || name.equals("cf-access-jwt-assertion")
                        || name.equals("cf-connecting-ip")
                        || name.contains("_"));
        assertThat(response.fields().stream().map(field -> field.getKey().toLowerCase(Locale.ROOT)))
                .noneMatch(name -> name.startsWith("cf-cloudflared")
                        || name.startsWith("cf-int")
                        || name.startsWith("cf-proxy")
                        || name.equals("keep-alive"));
    }

    @ParameterizedTest
    @EnumSource
    void loadGoesToTheLeastBusyConnection(TunnelProtocol protocol) {
        List<TestConnector> all =
                Stream.of(0, 1, 2).map(index -> connect(protocol, index)).toList();
        all.forEach(each -> each.answering(request -> request.answer(200, "ok")));
        all.getFirst().answering(request -> request.head(200, List.of())); // never ends
        List<RawHttp> hanging = new ArrayList<>();
        await().until(() -> {
            // One at a time: one that is still under way would arrive among those that are counted.
            int arrived = all.stream().mapToInt(TestConnector::requests).sum();
            if (arrived == hanging.size() && all.getFirst().requests() == 0) {
                hanging.add(RawHttp.connect(scene.visitors()).send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n"));
            }
            return all.getFirst().requests() > 0;
        });
        int before = all.getFirst().requests();
        for (int i = 0; i < 30; i++) {
            assertThat(get("/").text()).isEqualTo("ok");
        }
        assertThat(all.getFirst().requests()).isEqualTo(before);
        assertThat(all.get(1).requests()).isPositive();
        assertThat(all.get(2).requests()).isPositive();
        hanging.forEach(RawHttp::close);
    }

    @ParameterizedTest
    @EnumSource
    void r30TheOtherConnectorServesOnWhenOneVanishes(TunnelProtocol protocol) {
        TestConnector first = connect(protocol, 0).answering(request -> request.answer(200, "one"));
        connect(protocol, 1).answering(request -> request.answer(200, "two"));
        assertThat(get("/").status()).isEqualTo(200);
        first.close();
        await().until(() -> scene.directory().of(scene.tunnel()).size() == 1);
        for (int i = 0; i < 20; i++) {
            assertThat(get("/").text()).isEqualTo("two");
        }
    }

    @ParameterizedTest
    @EnumSource
    void r30ARequestInFlightOnALostConnectionIsAskedAgainWhenThatDoesNoHarm(TunnelProtocol protocol) {
        TestConnector first = connect(protocol, 0);
        TestConnector second = connect(protocol, 1);
        for (TestConnector each : List.of(first, second)) {
            each.answering(request -> {
                if (first.requests() + second.requests() == 1) {
                    request.stream().parent().close();
                } else {
                    request.answer(200, "ok");
                }
            });
        }
        assertThat(get("/").text()).isEqualTo("ok");
    }

    /** Half of them would go to the connection that is full; the request's head is refused there, and so nothing was sent. */
    @Test
    void aBodyGoesWholeToAnotherConnectionWhenTheFirstTakesTheRequestNoMore() {
        TestConnectorHttp2 full = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 0);
        full.answering(request -> request.answer(200, "full"));
        connect(TunnelProtocol.HTTP2, 1)
                .answering(request -> request.received.thenRun(() -> request.answer(200, sha256(bytes(request)))));
        byte[] atMostOneStream = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1};
        full.frames(atMostOneStream);
        await().until(() -> IntStream.range(0, 8).noneMatch(i -> get("/").text().equals("full")));
        byte[] body = noise(300_000);
        int before = full.requests();
        for (int i = 0; i < 8; i++) {
            try (RawHttp http = RawHttp.connect(scene.visitors())) {
                http.send("POST / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                        .send(body);
                RawHttp.Response response = http.response();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.text()).isEqualTo(sha256(body));
            }
        }
        assertThat(full.requests()).isEqualTo(before);
    }

    /** As with a request: half of the handshakes would go to the connection that is full, which refuses them unsent. */
    @Test
    void aHandshakeGoesToAnotherConnectionWhenTheFirstTakesNoMore() {
        TestConnectorHttp2 full = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 0);
        full.answering(request -> request.answer(200, "full"));
        connect(TunnelProtocol.HTTP2, 1).answering(request -> request.answer(403, "no sockets here"));
        byte[] atMostOneStream = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1};
        full.frames(atMostOneStream);
        await().until(() -> IntStream.range(0, 8).noneMatch(i -> get("/").text().equals("full")));
        for (int i = 0; i < 12; i++) {
            RawHttp.Response refused = get(
                    "/ws",
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                            + KEY + "\r\n");
            assertThat(refused.status()).isEqualTo(403);
        }
    }

    /** The first request stands for one that the connector had no time for (RFC 9113 §6.8). */
    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE"})
    void r31ARequestThatALeavingConnectorHasNotTouchedGoesToAnotherConnection(String method) {
        TestConnectorHttp2 first = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 0);
        TestConnectorHttp2 second = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 1);
        for (TestConnectorHttp2 each : List.of(first, second)) {
            each.answering(request -> {
                if (first.requests() + second.requests() == 1) {
                    each.frames(leavingBefore(request));
                } else {
                    request.answer(200, "ok");
                }
            });
        }
        RawHttp.Response response = RawHttp.exchange(
                scene.visitors(),
                method + " / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo("ok");
        assertThat(first.requests() + second.requests()).isEqualTo(2);
    }

    @Test
    void aHandshakeThatALeavingConnectorHasNotTouchedGoesToAnotherConnection() {
        TestConnectorHttp2 first = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 0);
        TestConnectorHttp2 second = (TestConnectorHttp2) connect(TunnelProtocol.HTTP2, 1);
        for (TestConnectorHttp2 each : List.of(first, second)) {
            each.answering(request -> {
                if (first.requests() + second.requests() == 1) {
                    each.frames(leavingBefore(request));
                } else {
                    request.answer(403, "no sockets here");
                }
            });
        }
        RawHttp.Response refused = get(
                "/ws",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY
                        + "\r\n");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(first.requests() + second.requests()).isEqualTo(2);
    }

    /** GOAWAY for what came before this one; the control stream goes on. */
    private static byte[] leavingBefore(TestConnector.Request request) {
        int last = ((Http2StreamChannel) request.stream()).stream().id() - 2;
        return ByteBuffer.allocate(17)
                .put(new byte[] {0, 0, 8, 7, 0})
                .putInt(0)
                .putInt(last)
                .putInt(0)
                .array();
    }

    @ParameterizedTest
    @EnumSource
    void r31APostThatMayHaveArrivedIsNotRepeated(TunnelProtocol protocol) {
        TestConnector first = connect(protocol, 0);
        TestConnector second = connect(protocol, 1);
        for (TestConnector each : List.of(first, second)) {
            each.answering(request -> request.stream().parent().close());
        }
        RawHttp.Response lost = RawHttp.exchange(
                scene.visitors(),
                "POST / HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        assertThat(lost.status()).isEqualTo(502);
        assertThat(first.requests() + second.requests()).isOne();
    }

    private static byte[] bytes(TestConnector.Request request) {
        byte[] bytes = new byte[request.body.readableBytes()];
        request.body.getBytes(0, bytes);
        return bytes;
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    private static String accept(String key) {
        return digest("SHA-1", (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
