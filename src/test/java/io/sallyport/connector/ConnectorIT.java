package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.EdgeStream.Event;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.hamcrest.Description;
import org.hamcrest.Matcher;
import org.hamcrest.TypeSafeMatcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes through the connector, over both transports: real sockets and real TLS at both of its ends. */
class ConnectorIT {
    static final TunnelCredentials CREDENTIALS = new TunnelCredentials(
            "acct-1", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"), new TunnelSecret(new byte[32]));

    @TempDir
    private static Path directory;

    private static RecordingOrigin origin;
    private static TestEdge edge;
    private static final Map<Protocol, Connector> CONNECTORS = new EnumMap<>(Protocol.class);
    private static final Map<Protocol, TestEdge.Link> LINKS = new EnumMap<>(Protocol.class);
    private static final Map<Protocol, ByteArrayOutputStream> LOGS = new EnumMap<>(Protocol.class);

    @BeforeAll
    static void start() throws Exception {
        TestAuthority authority = new TestAuthority("edge");
        Path ca = Files.writeString(directory.resolve("ca.pem"), authority.pem());
        origin = RecordingOrigin.start();
        edge = TestEdge.start(authority);
        for (Protocol protocol : Protocol.values()) {
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            LOGS.put(protocol, log);
            Connector connector = connector(
                    edge.address(),
                    ca,
                    protocol,
                    """
                    ingress:
                      - {hostname: tcp.example, service: "tcp://127.0.0.1:%d"}
                      - {hostname: gone.example, service: "http://127.0.0.1:1"}
                      - {hostname: hello.example, service: hello_world}
                      - {hostname: status.example, service: "http_status:418"}
                      - {hostname: renamed.example, service: "%s", originRequest: {httpHostHeader: inner.example}}
                      - {hostname: measured.example, service: "%s", originRequest: {disableChunkedEncoding: true}}
                      - service: %s
                    """.formatted(tcpEcho(), origin.uri(), origin.uri(), origin.uri()),
                    new PrintStream(log, true));
            connector.start();
            CONNECTORS.put(protocol, connector);
            LINKS.put(protocol, edge.link());
        }
    }

    static Connector connector(String edge, Path ca, Protocol protocol, String yaml) {
        return connector(edge, ca, protocol, yaml, System.err);
    }

    static Connector connector(String edge, Path ca, Protocol protocol, String yaml, PrintStream out) {
        ConnectorFile file = ConnectorFile.parse(Path.of("test.yml"), yaml);
        InstantSource clock = InstantSource.system();
        ConnectorLog log = new ConnectorLog(new PrintStream(out, true), ConnectorLog.Level.WARN, clock);
        return new Connector(
                settings(edge, ca, protocol, Optional.empty(), OriginProxies.NONE),
                Configuration.local(file.ingress(), file, Map.of()),
                log,
                clock);
    }

    /** One connection, and little patience at its end. */
    static ConnectorSettings settings(
            String edge, Path ca, Protocol protocol, Optional<InetAddress> bindAddress, OriginProxies proxies) {
        ConnectorSettings usual = ConnectorSettings.usual(CREDENTIALS, List.of(edge), Optional.of(ca), "test");
        return new ConnectorSettings(
                usual.credentials(),
                usual.edges(),
                usual.edgeCa(),
                Optional.ofNullable(protocol),
                1,
                usual.retries(),
                usual.rpcTimeout(),
                Duration.ofSeconds(5),
                Map.of(),
                List.of(),
                Permissions.NONE,
                usual.version(),
                0,
                bindAddress,
                proxies,
                usual.management());
    }

    /** One test's surprise must not become the next one's. */
    @AfterEach
    void leftovers() {
        origin.drain();
    }

    @AfterAll
    static void stop() {
        CONNECTORS.values().forEach(connector -> connector.stop(Duration.ZERO).join());
        edge.close();
        origin.close();
    }

    @ParameterizedTest
    @EnumSource
    void aGetReachesTheOriginAsItWasSent(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol)
                .request(
                        "GET",
                        "App.Example:8443",
                        "/a%20b/../c?x=1&y=%2F",
                        Map.of("cookie", "a=1", "cf-ray", "7d1-LOC"),
                        true);
        assertThat(stream.head().status()).isEqualTo(200);
        assertThat(stream.head().meta()).isEqualTo("{\"src\":\"origin\"}");
        assertThat(stream.head().all("content-type")).containsExactly("text/plain");
        assertThat(stream.text()).contains("origin got GET");
        RecordingOrigin.Recorded seen = origin.take();
        assertThat(seen.target()).isEqualTo("/a%20b/../c?x=1&y=%2F");
        assertThat(seen.only("host")).isEqualTo("App.Example:8443");
        assertThat(seen.only("cookie")).isEqualTo("a=1");
        assertThat(seen.only("cf-ray")).isEqualTo("7d1-LOC");
        assertThat(seen.only("cf-warp-tag-id"))
                .isEqualTo(CONNECTORS.get(protocol).id().toString());
        assertThat(seen.all("transfer-encoding")).isEmpty();
        assertThat(seen.all("content-length")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHeadHasALengthAndNoBody(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol).request("HEAD", "app.example", "/", Map.of(), true);
        assertThat(stream.head().all("content-length"))
                .singleElement()
                .satisfies(n -> assertThat(n).isNotEqualTo("0"));
        assertThat(stream.body()).isEmpty();
        origin.take();
    }

    /** What is answered to it. */
    private static String uploadedInTwoPieces(EdgeStream stream) {
        stream.write("hello ".getBytes(StandardCharsets.UTF_8));
        stream.write("world".getBytes(StandardCharsets.UTF_8));
        stream.end();
        return stream.text();
    }

    @ParameterizedTest
    @EnumSource
    void aPostWithALengthKeepsIt(Protocol protocol) {
        EdgeStream stream =
                LINKS.get(protocol).request("POST", "app.example", "/form", Map.of("content-length", "11"), false);
        assertThat(uploadedInTwoPieces(stream)).contains("with 11 bytes");
        RecordingOrigin.Recorded seen = origin.take();
        assertThat(seen.text()).isEqualTo("hello world");
        assertThat(seen.only("content-length")).isEqualTo("11");
    }

    /** Our edge ends its side of the stream only when it has the whole answer. */
    @Test
    void overQuicABodyEndsByItsLengthWithoutAFin() {
        EdgeStream stream =
                LINKS.get(Protocol.QUIC).request("POST", "app.example", "/form", Map.of("content-length", "11"), false);
        stream.write("hello ".getBytes(StandardCharsets.UTF_8));
        stream.write("world".getBytes(StandardCharsets.UTF_8));
        assertThat(stream.text()).contains("with 11 bytes");
        assertThat(origin.take().text()).isEqualTo("hello world");
        stream.end();
        stream.channel.closeFuture().awaitUninterruptibly();
    }

    @ParameterizedTest
    @EnumSource
    void aPostWithoutALengthIsChunked(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol)
                .request("POST", "app.example", "/stream", Map.of("transfer-encoding", "chunked"), false);
        assertThat(uploadedInTwoPieces(stream)).contains("with 11 bytes");
        assertThat(origin.take().only("transfer-encoding")).isEqualTo("chunked");
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatCannotTakeChunksGetsALength(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol)
                .request("POST", "measured.example", "/", Map.of("transfer-encoding", "chunked"), false);
        assertThat(uploadedInTwoPieces(stream)).contains("with 11 bytes");
        assertThat(origin.take().only("content-length")).isEqualTo("11");
    }

    @ParameterizedTest
    @EnumSource
    void aPostWithoutABodySaysSo(Protocol protocol) {
        assertThat(LINKS.get(protocol)
                        .request("POST", "app.example", "/", Map.of(), true)
                        .text())
                .contains("with 0 bytes");
        assertThat(origin.take().only("content-length")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource
    void theRulesHostReplacesTheVisitors(Protocol protocol) {
        LINKS.get(protocol)
                .request("GET", "renamed.example", "/", Map.of(), true)
                .body();
        RecordingOrigin.Recorded seen = origin.take();
        assertThat(seen.only("host")).isEqualTo("inner.example");
        assertThat(seen.only("x-forwarded-host")).isEqualTo("renamed.example");
    }

    @ParameterizedTest
    @EnumSource
    void fieldsOfOneHopStopHereInBothDirections(Protocol protocol) {
        answer("/hops", """
                HTTP/1.1 200 OK
                Connection: x-secret
                Keep-Alive: timeout=5
                Cf-Cloudflared-Response-Meta: forged
                Cf-Int-Thing: forged
                Set-Cookie: a=1
                Set-Cookie: b=2
                Content-Length: 2

                ok""");
        EdgeStream stream = LINKS.get(protocol).request("GET", "app.example", "/hops", Map.of("te", "trailers"), true);
        assertThat(stream.text()).isEqualTo("ok");
        assertThat(stream.head().fields())
                .extracting(Map.Entry::getKey)
                .doesNotContain("Connection", "Keep-Alive", "Cf-Cloudflared-Response-Meta", "Cf-Int-Thing");
        assertThat(stream.head().all("set-cookie")).containsExactly("a=1", "b=2");
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void interimAnswersAreSwallowed(Protocol protocol) {
        answer("/early", """
                HTTP/1.1 103 Early Hints
                Link: </a.css>

                HTTP/1.1 204 No Content
                X-A: b

                """);
        EdgeStream stream = LINKS.get(protocol).get("/early");
        assertThat(stream.head().status()).isEqualTo(204);
        assertThat(stream.body()).isEmpty();
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void a304HasNoBody(Protocol protocol) {
        answer("/same", "HTTP/1.1 304 Not Modified\nETag: \"x\"\n\n");
        EdgeStream stream = LINKS.get(protocol).get("/same");
        assertThat(stream.head().status()).isEqualTo(304);
        assertThat(stream.head().all("etag")).containsExactly("\"x\"");
        assertThat(stream.body()).isEmpty();
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void twoHundredKilobytesOfHeadersPass(Protocol protocol) {
        answer("/big", "HTTP/1.1 200 OK\nX-Big: " + "b".repeat(200 << 10) + "\nContent-Length: 0\n\n");
        EdgeStream stream = LINKS.get(protocol).get("/big");
        assertThat(stream.head().all("x-big"))
                .singleElement()
                .satisfies(value -> assertThat(value).hasSize(200 << 10));
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void eventsArriveAsTheyHappen(Protocol protocol) throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/events"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
            try {
                assertThat(read.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            write(out, "data: 2\n\n");
            return false;
        });
        EdgeStream stream = LINKS.get(protocol).get("/events");
        assertThat(new String(stream.read(9), StandardCharsets.UTF_8)).isEqualTo("data: 1\n\n");
        read.countDown();
        assertThat(new String(stream.read(9), StandardCharsets.UTF_8)).isEqualTo("data: 2\n\n");
        assertThat(stream.next()).isInstanceOf(Event.End.class);
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void aWebSocketGoesThroughAsRawBytes(Protocol protocol) {
        origin.answer(request -> request.target().equals("/socket"), (request, in, out) -> {
            write(
                    out,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: xyz\r\nSec-WebSocket-Protocol: chat.v2\r\n\r\nfirst");
            in.transferTo(out);
            return false;
        });
        EdgeStream stream = LINKS.get(protocol)
                .open(
                        RequestKind.WEBSOCKET,
                        "GET",
                        "app.example",
                        "/socket",
                        Map.of("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol", "chat.v2"),
                        false);
        assertThat(stream.head().status()).isEqualTo(200);
        assertThat(stream.head().all("sec-websocket-accept")).containsExactly("xyz");
        assertThat(stream.head().all("upgrade")).containsExactly("websocket");
        assertThat(stream.head().all("sec-websocket-protocol")).containsExactly("chat.v2");
        assertThat(new String(stream.read(5), StandardCharsets.UTF_8)).isEqualTo("first");
        RecordingOrigin.Recorded seen = origin.take();
        assertThat(seen.only("connection")).isEqualToIgnoringCase("upgrade");
        assertThat(seen.only("upgrade")).isEqualTo("websocket");
        assertThat(seen.only("sec-websocket-version")).isEqualTo("13");
        byte[] large = bytes(300_000);
        stream.write(large);
        assertThat(stream.read(large.length)).isEqualTo(large);
        stream.end();
        assertThat(stream.next()).isInstanceOf(Event.End.class);
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedWebSocketIsAnOrdinaryResponse(Protocol protocol) {
        answer("/no-socket", "HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno");
        EdgeStream stream = LINKS.get(protocol)
                .open(
                        RequestKind.WEBSOCKET,
                        "GET",
                        "app.example",
                        "/no-socket",
                        Map.of("sec-websocket-key", "x"),
                        false);
        assertThat(stream.head().status()).isEqualTo(403);
        assertThat(new String(stream.read(2), StandardCharsets.UTF_8)).isEqualTo("no");
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void tcpTravelsInTheWebSocketThatTheConnectorSpeaks(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol)
                .open(
                        RequestKind.WEBSOCKET,
                        "GET",
                        "tcp.example",
                        "/",
                        Map.of("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                        false);
        assertThat(stream.head().status()).isEqualTo(200);
        assertThat(stream.head().all("sec-websocket-accept")).containsExactly("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        stream.write(frame(1, "text is discarded".getBytes(StandardCharsets.UTF_8)));
        stream.write(frame(2, "hello".getBytes(StandardCharsets.UTF_8)));
        assertThat(stream.read(7))
                .isEqualTo(concat(new byte[] {(byte) 0x82, 5}, "hello".getBytes(StandardCharsets.UTF_8)));
        byte[] large = bytes(40_000);
        stream.write(frame(2, large));
        assertThat(unframed(stream, large.length)).isEqualTo(large);
        stream.write(frame(9, "p".getBytes(StandardCharsets.UTF_8)));
        assertThat(stream.read(3)).isEqualTo(new byte[] {(byte) 0x8a, 1, 'p'});
        stream.write(frame(8, new byte[] {3, (byte) 0xe8}));
        assertThat(stream.read(4)).isEqualTo(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
        assertThat(stream.next()).isInstanceOf(Event.End.class);
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "HTTP2")
    void trailersComeBackOverHttp2(Protocol protocol) {
        answer("/grpc", """
                HTTP/1.1 200 OK
                Content-Type: application/grpc
                Transfer-Encoding: chunked

                3
                abc
                0
                grpc-status: 0

                """);
        EdgeStream stream = LINKS.get(protocol).get("/grpc");
        assertThat(new String(stream.read(3), StandardCharsets.UTF_8)).isEqualTo("abc");
        assertThat(stream.next()).isEqualTo(new Event.End(Map.of("grpc-status", "0")));
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void aLargeDownloadArrivesWhole(Protocol protocol) throws Exception {
        byte[] piece = bytes(1 << 20);
        int pieces = 16;
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        origin.answer(request -> request.target().equals("/download"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + (long) pieces * piece.length + "\r\n\r\n");
            for (int i = 0; i < pieces; i++) {
                piece[0] = (byte) i;
                sent.update(piece);
                out.write(piece);
            }
            out.flush();
            return true;
        });
        EdgeStream stream = LINKS.get(protocol).get("/download");
        MessageDigest got = MessageDigest.getInstance("SHA-256");
        long length = 0;
        for (Event event = stream.next(); event instanceof Event.Bytes bytes; event = stream.next()) {
            got.update(bytes.bytes());
            length += bytes.bytes().length;
        }
        assertThat(length).isEqualTo((long) pieces * piece.length);
        assertThat(HexFormat.of().formatHex(got.digest()))
                .isEqualTo(HexFormat.of().formatHex(sent.digest()));
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void aLargeUploadArrivesWhole(Protocol protocol) {
        byte[] body = bytes(8 << 20);
        EdgeStream stream = LINKS.get(protocol)
                .request(
                        "PUT",
                        "app.example",
                        "/upload",
                        Map.of("content-length", Integer.toString(body.length)),
                        false);
        for (int i = 0; i < body.length; i += 1 << 16) {
            stream.write(Arrays.copyOfRange(body, i, i + (1 << 16)));
        }
        stream.end();
        assertThat(stream.text()).contains("with " + body.length + " bytes");
        assertThat(Arrays.equals(origin.take().body(), body)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void tu06ASlowReaderMakesTheOriginWait(Protocol protocol) throws Exception {
        AtomicLong written = new AtomicLong();
        long total = 24L << 20;
        origin.answer(request -> request.target().equals("/slow-reader"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
            byte[] piece = bytes(1 << 16);
            for (long i = 0; i < total; i += piece.length) {
                out.write(piece);
                written.addAndGet(piece.length);
            }
            return false;
        });
        EdgeStream stream = LINKS.get(protocol).get("/slow-reader");
        stream.head();
        stream.pause();
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(10)).until(written::get, stable());
        assertThat(written.get()).isLessThan(12L << 20);
        stream.resume();
        assertThat(stream.body()).hasSize((int) total);
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelReachesTheOrigin(Protocol protocol) throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/forever"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n");
            if (in.read() < 0) {
                noticed.countDown();
            }
            return false;
        });
        // Over QUIC the edge keeps its own side open, so that there is something to reset.
        EdgeStream stream =
                LINKS.get(protocol).request("GET", "app.example", "/forever", Map.of(), protocol == Protocol.HTTP2);
        stream.read(9);
        stream.cancel();
        assertThat(noticed.await(30, TimeUnit.SECONDS)).isTrue();
        origin.take();
    }

    /** The edge resets the stream of a visitor who left before the edge had read that the origin accepted the upgrade. */
    @ParameterizedTest
    @EnumSource
    void aCancelledWebSocketReachesTheOrigin(Protocol protocol) throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/socket-left"), (request, in, out) -> {
            write(
                    out,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: xyz\r\n\r\nfirst");
            if (in.read() < 0) {
                noticed.countDown();
            }
            return false;
        });
        EdgeStream stream = LINKS.get(protocol)
                .open(
                        RequestKind.WEBSOCKET,
                        "GET",
                        "app.example",
                        "/socket-left",
                        Map.of("sec-websocket-key", "x"),
                        false);
        stream.read(5);
        stream.cancel();
        assertThat(noticed.await(5, TimeUnit.SECONDS)).isTrue();
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatRefusesIsTheConnectorsFault(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol).request("GET", "gone.example", "/", Map.of(), true);
        assertThat(stream.head().status()).isEqualTo(502);
        assertThat(stream.head().meta()).isEqualTo("{\"src\":\"cloudflared\"}");
        assertThat(stream.head().fields()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void r51ATruncatedAnswerIsNeverACleanEnd(Protocol protocol) {
        answer("/truncated", "HTTP/1.1 200 OK\nContent-Length: 10\n\nabc");
        EdgeStream stream = LINKS.get(protocol).get("/truncated");
        stream.read(3);
        assertThat(stream.next()).isInstanceOf(Event.Broken.class);
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void howAnOriginFailedIsInTheLog(Protocol protocol) {
        answer("/silent", "");
        assertThat(LINKS.get(protocol).get("/silent").head().status()).isEqualTo(502);
        await().untilAsserted(() -> assertThat(LOGS.get(protocol).toString(StandardCharsets.UTF_8))
                .contains("Unable to reach the origin service originService=" + origin.uri()
                        + " error=\"the origin closed the connection\""));
        origin.take();

        answer("/senseless", "this is not HTTP\n\n");
        assertThat(LINKS.get(protocol).get("/senseless").head().status()).isEqualTo(502);
        await().untilAsserted(() -> assertThat(LOGS.get(protocol).toString(StandardCharsets.UTF_8))
                .contains("error=\"the response is malformed\""));
        origin.take();

        answer("/half", "HTTP/1.1 200 OK\nContent-Length: 10\n\nabc");
        EdgeStream stream = LINKS.get(protocol).get("/half");
        stream.read(3);
        assertThat(stream.next()).isInstanceOf(Event.Broken.class);
        await().untilAsserted(() -> assertThat(LOGS.get(protocol).toString(StandardCharsets.UTF_8))
                .contains("The origin broke off its response"));
        origin.take();
    }

    @ParameterizedTest
    @EnumSource
    void aFixedStatusAnswersInTheOriginsName(Protocol protocol) {
        EdgeStream stream = LINKS.get(protocol).request("GET", "status.example", "/", Map.of(), true);
        assertThat(stream.head().status()).isEqualTo(418);
        assertThat(stream.head().meta()).isEqualTo("{\"src\":\"origin\"}");
    }

    @ParameterizedTest
    @EnumSource
    void theBuiltInSiteAnswers(Protocol protocol) {
        TestEdge.Link link = LINKS.get(protocol);
        assertThat(link.request("GET", "hello.example", "/_health", Map.of(), true)
                        .text())
                .isEqualTo("ok");
        assertThat(link.request("GET", "hello.example", "/", Map.of(), true).text())
                .contains("It works");
        EdgeStream events = link.request("GET", "hello.example", "/sse?freq=10ms", Map.of(), true);
        assertThat(new String(events.read(18), StandardCharsets.UTF_8)).startsWith("data: 0\n\ndata: 1\n\n");
        events.cancel();
        EdgeStream socket = link.open(
                RequestKind.WEBSOCKET, "GET", "hello.example", "/ws", Map.of("sec-websocket-key", "x"), false);
        socket.write(frame(2, "echo".getBytes(StandardCharsets.UTF_8)));
        assertThat(socket.read(6))
                .isEqualTo(concat(new byte[] {(byte) 0x82, 4}, "echo".getBytes(StandardCharsets.UTF_8)));
        socket.end();
    }

    @ParameterizedTest
    @EnumSource
    void tu09NothingInARequestSteersItElsewhere(Protocol protocol) {
        assertThat(LINKS.get(protocol)
                        .request("GET", "169.254.169.254", "/latest", Map.of(), true)
                        .head()
                        .status())
                .isEqualTo(200);
        assertThat(origin.take().only("host")).isEqualTo("169.254.169.254");
        EdgeStream raw = LINKS.get(protocol)
                .open(RequestKind.TCP, "GET", "127.0.0.1:" + origin.uri().getPort(), "/", Map.of(), false);
        assertThat(raw.head().status()).isEqualTo(502);
        if (protocol == Protocol.HTTP2) {
            assertThat(LINKS.get(protocol)
                            .request("GET", "app.example", "/%zz", Map.of(), true)
                            .head()
                            .status())
                    .isEqualTo(400);
        }
        assertThat(origin.drain()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "QUIC")
    void aBodyLongerThanItSaidNeverBecomesASecondRequest(Protocol protocol) {
        EdgeStream stream =
                LINKS.get(protocol).request("POST", "app.example", "/cut", Map.of("content-length", "4"), false);
        stream.write("bodyGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(stream.head().status()).isEqualTo(502);
        assertThat(origin.drain()).extracting(RecordingOrigin.Recorded::target).doesNotContain("/smuggled");
        assertThat(origin.violations()).noneMatch(violation -> violation.contains("smuggled"));
    }

    @ParameterizedTest
    @EnumSource
    void originConnectionsAreUsedAgain(Protocol protocol) {
        TestEdge.Link link = LINKS.get(protocol);
        link.get("/warm").body();
        origin.take();
        int before = origin.connections();
        for (int i = 0; i < 20; i++) {
            link.get("/again").body();
            origin.take();
        }
        assertThat(origin.connections()).isEqualTo(before);
    }

    private static Matcher<Long> stable() {
        long[] last = {-1};
        return new TypeSafeMatcher<>() {
            @Override
            protected boolean matchesSafely(Long now) {
                boolean same = now > 0 && now == last[0];
                last[0] = now;
                return same;
            }

            @Override
            public void describeTo(Description description) {
                description.appendText("a number that stands still");
            }
        };
    }

    private static void answer(String path, String text) {
        origin.answerRaw(path, text.replace("\n", "\r\n"));
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static byte[] concat(byte[] a, byte[] b) {
        byte[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    /** A masked frame, as clients send them. */
    static byte[] frame(int opcode, byte[] payload) {
        byte[] head = payload.length < 126
                ? new byte[] {(byte) (0x80 | opcode), (byte) (0x80 | payload.length)}
                : new byte[] {(byte) (0x80 | opcode), (byte) 0xfe, (byte) (payload.length >> 8), (byte) payload.length};
        byte[] mask = {1, 2, 3, 4};
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= mask[i % 4];
        }
        return concat(concat(head, mask), masked);
    }

    /** The payloads of binary frames, until there are this many bytes. */
    private static byte[] unframed(EdgeStream stream, int length) {
        ByteArrayOutputStream pending = new ByteArrayOutputStream();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        while (payload.size() < length) {
            pending.writeBytes(stream.read(1));
            byte[] have = pending.toByteArray();
            int at = 0;
            while (have.length - at >= 2) {
                int size = have[at + 1] & 0x7f;
                int head = size < 126 ? 2 : size == 126 ? 4 : 10;
                if (have.length - at < head) {
                    break;
                }
                int total = 0;
                for (int i = 2; i < head; i++) {
                    total = total << 8 | have[at + i] & 0xff;
                }
                total = head == 2 ? size : total;
                if (have.length - at < head + total) {
                    break;
                }
                payload.write(have, at + head, total);
                at += head + total;
            }
            pending.reset();
            pending.write(have, at, have.length - at);
        }
        return payload.toByteArray();
    }

    static int tcpEcho() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> {
                        try (socket;
                                InputStream in = socket.getInputStream()) {
                            in.transferTo(socket.getOutputStream());
                        } catch (IOException closed) {
                            // the other end's right
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return server.getLocalPort();
    }
}
