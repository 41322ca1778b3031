package io.sallyport.gateway;

import static io.sallyport.testkit.RawHttp2.END_HEADERS;
import static io.sallyport.testkit.RawHttp2.END_STREAM;
import static io.sallyport.testkit.RawHttp2.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RawHttp2.Outcome;
import io.sallyport.testkit.RecordingOrigin;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/** Threats DO-01, DO-02 and DO-04 with shortened times: slow clients, floods of frames, crowds from one address. */
class EdgeLimitsIT {
    private static final String HOST = "open.localhost";
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MOST_CONNECTIONS = 40;
    /** The connections of the one address from which all tests come: who takes them all waits until nobody else needs any. */
    private static final String PLACES = "places of 127.0.0.1";

    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start(
                        new Class<?>[] {Thinker.class},
                        "sallyport.tls.self-signed=true",
                        "sallyport.https.port=0",
                        "sallyport.limits.head=600ms",
                        "sallyport.limits.idle=4s",
                        "sallyport.limits.body-window=600ms",
                        "sallyport.limits.answer=1s",
                        "sallyport.limits.connections-per-source=" + MOST_CONNECTIONS)
                .origin(HOST, origin)
                .application(HOST, Edge.bypass())
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static RawHttp http() {
        return RawHttp.connect(edge.port());
    }

    @Test
    void do01_headersThatNeverEndCloseTheConnection() {
        try (RawHttp http = http().send("GET /x HTTP/1.1\r\nHost: " + HOST + "\r\nX-Slow: ")) {
            assertThat(http.isClosedByPeer()).isTrue();
        }
        try (RawHttp http = http()) {
            http.send("GET /x HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(200);
            assertThat(http.send("GET /").isClosedByPeer())
                    .as("a second request")
                    .isTrue();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = PLACES, mode = ResourceAccessMode.READ)
    void do01_do04_theManagementPortWaitsForNobodyEither() {
        String probe = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
        try (RawHttp half = RawHttp.connect(edge.managementPort()).send("GET /livez HTTP/1.1\r\nX-Slow: ");
                RawHttp silent = RawHttp.connect(edge.managementPort());
                RawHttp served = RawHttp.connect(edge.managementPort()).send(probe)) {
            assertThat(served.response().status()).isEqualTo(200);
            assertThat(half.isClosedByPeer()).as("half a head").isTrue();
            assertThat(silent.isClosedByPeer()).as("without a request").isTrue();
            assertThat(served.isClosedByPeer()).as("after a request").isTrue();
        }
        List<RawHttp> hoard = new ArrayList<>();
        try {
            for (int i = 0; i < ManagementPort.MOST; i++) {
                hoard.add(RawHttp.connect(edge.managementPort()));
            }
            try (RawHttp oneMore = RawHttp.connect(edge.managementPort());
                    RawHttp visitor = http().send("GET /x HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n")) {
                assertThat(oneMore.isClosedByPeer()).as("one too many").isTrue();
                assertThat(visitor.response().status())
                        .as("whoever fills one port has not filled the other")
                        .isEqualTo(200);
            }
        } finally {
            hoard.forEach(RawHttp::close);
        }
    }

    @Test
    void do01_aHeaderBlockOfHttp2ThatNeverEndsClosesTheConnection() {
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.frame(RawHttp2.HEADERS, END_STREAM, 1, RawHttp2.block(List.of(get(HOST, "/x"))));
            assertThat(http.end()).isLessThan(0);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = PLACES, mode = ResourceAccessMode.READ)
    void do01_connectionsOnWhichNothingHappensAreClosed() {
        try (RawHttp silent = http();
                RawHttp served = http();
                RawHttp2 http2 = RawHttp2.connect(edge.port());
                RawHttp handshake = RawHttp.connect(edge.httpsPort())) {
            served.send("GET /x HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(served.response().status()).isEqualTo(200);
            assertThat(handshake.isClosedByPeer()).as("no TLS handshake").isTrue();
            assertThat(served.isClosedByPeer()).as("after a request").isTrue();
            assertThat(silent.isClosedByPeer()).as("without a request").isTrue();
            assertThat(http2.end()).as("HTTP/2").isLessThan(0);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = PLACES, mode = ResourceAccessMode.READ)
    void do01_whoBeginsHttp2AndFallsSilentIsClosedWhereverThatIs() {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] half = Arrays.copyOf(preface, 18);
        byte[] halfAFrame = {0, 0, 8, RawHttp2.PING, 0, 0};
        try (RawHttp2 chosen = overTls();
                RawHttp2 halfOverTls = overTls().bytes(half);
                RawHttp2 halfInClear = RawHttp2.open(edge.port(), false).bytes(half);
                RawHttp2 prefaceAlone = RawHttp2.open(edge.port(), false).bytes(preface);
                RawHttp2 prefaceOverTls = overTls().bytes(preface);
                RawHttp2 inAFrame = RawHttp2.connect(edge.port()).bytes(halfAFrame)) {
            assertThat(chosen.end()).as("chosen by TLS").isLessThan(0);
            assertThat(halfOverTls.end()).as("half a preface over TLS").isLessThan(0);
            assertThat(halfInClear.end()).as("half a preface").isLessThan(0);
            assertThat(prefaceAlone.end()).as("a preface").isLessThan(0);
            assertThat(prefaceOverTls.end()).as("a preface over TLS").isLessThan(0);
            assertThat(inAFrame.end()).as("half a frame").isLessThan(0);
        }
    }

    /** Handshakes have 600 ms here like every head, which a busy machine may take away: who is cut off in one begins again. */
    private static RawHttp2 overTls() {
        return await("a handshake in time")
                .ignoreExceptions()
                .until(() -> RawHttp2.open(edge.httpsPort(), true), Objects::nonNull);
    }

    @Test
    void do01_aBodyThatHardlyComesIsRefusedAndAborted() {
        try (RawHttp http = http()) {
            http.send("POST /slow HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 100000\r\n\r\na");
            RawHttp.Response answer = http.tryResponse();
            assertThat(answer == null ? 408 : answer.status()).isEqualTo(408);
            assertThat(http.isClosedByPeer()).isTrue();
        }
        try (RawHttp http = http()) {
            http.send("POST /slow HTTP/1.1\r\nHost: " + HOST + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            RawHttp.Response answer = http.tryResponse();
            assertThat(answer == null ? 408 : answer.status()).isEqualTo(408);
            assertThat(http.isClosedByPeer()).isTrue();
        }
        assertThat(origin.drain()).noneMatch(request -> request.target().equals("/slow"));
    }

    /** The connection lay idle for longer than the window; that says nothing about the body that comes next. */
    @Test
    void rp11_whoHasItsAnswerAndTakesItsTimeWithTheRestIsCutOff() {
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        assertThatThrownBy(() -> {
                    try (RawHttp http = http()) {
                        http.send("POST /x HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Length: 1000000\r\n\r\n");
                        assertThat(http.response().status()).isEqualTo(404);
                        while (true) {
                            http.insist(new byte[1_000]);
                            LockSupport.parkNanos(Duration.ofMillis(10).toNanos()); // a client's pace
                        }
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(5)));
    }

    @Test
    void do01_idleTimeBeforeARequestDoesNotCountAgainstItsBody() {
        try (RawHttp http = http()) {
            http.send("GET /x HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(200);
            pass(Duration.ofMillis(1_500));
            http.send("POST /later HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 2\r\n\r\na");
            pass(Duration.ofMillis(300));
            assertThat(http.send("b").response().status()).isEqualTo(200);
        }
    }

    /** Whoever answers without reading has its time, and so has a client that was not yet told to go on. */
    @Test
    void do01_aHandlerThatDoesNotReadIsNotTheClientsFault() {
        try (RawHttp http = http()) {
            http.send("POST " + Thinker.PATH + " HTTP/1.1\r\nHost: " + HOST
                    + "\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(204);
        }
        try (RawHttp http = http()) {
            byte[] body = new byte[8 << 20];
            http.send("POST " + Thinker.PATH + " HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: " + body.length
                    + "\r\n\r\n");
            Thread.startVirtualThread(() -> http.send(body));
            assertThat(http.response().status()).isEqualTo(204);
        }
    }

    /** Time is what is tried here: the server measures it at its sockets and takes no clock, so it has to go by. */
    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plusSeconds(30)).until(() -> true);
    }

    /** Answers one path after more than two windows, and reads nothing. */
    @Configuration(proxyBeanMethods = false)
    static class Thinker {
        static final String PATH = "/thinker";

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        WebFilter thinking() {
            return (exchange, chain) -> {
                if (!exchange.getRequest().getPath().value().equals(PATH)) {
                    return chain.filter(exchange);
                }
                exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
                return Mono.delay(Duration.ofMillis(1_500)).then(Mono.defer(exchange.getResponse()::setComplete));
            };
        }
    }

    @Test
    void do01_aStreamWhoseBodyHardlyComesIsResetAlone() {
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.request(1, false, ":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/slow")
                    .data(1, false, new byte[1]);
            assertThat(http.outcome(1)).isEqualTo(new Outcome.Reset(ENHANCE_YOUR_CALM));
            http.request(3, true, get(HOST, "/x"));
            assertThat(http.outcome(3)).isInstanceOf(Outcome.Answered.class);
        }
        assertThat(origin.drain()).noneMatch(request -> request.target().equals("/slow"));
    }

    /** The visitor sends as fast as it is let; that the origin does not read is not its fault. */
    @Test
    void do01_anOriginThatReadsSlowlyIsNotTheClientsFault() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        byte[] body = new byte[24 << 20];
        try (SlowOrigin slow = new SlowOrigin(mayRead)) {
            edge.origin("slow.localhost", Edge.direct(slow.uri()))
                    .application("slow.localhost", Edge.bypass())
                    .publish();
            try (RawHttp http = http()) {
                http.send("POST /x HTTP/1.1\r\nHost: slow.localhost\r\nContent-Length: " + body.length + "\r\n\r\n");
                CompletableFuture<RawHttp> sent =
                        CompletableFuture.supplyAsync(() -> http.send(body), Thread::startVirtualThread);
                await().during(Duration.ofMillis(1_800)).until(() -> !sent.isDone());
                mayRead.countDown();
                assertThat(sent.get().response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void do01_aCallOfGrpcMayBeSilent() {
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
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
                    "/call",
                    "content-type",
                    "application/grpc");
            await().during(Duration.ofMillis(1_300))
                    .until(() -> origin.drain().stream()
                            .noneMatch(request -> request.target().equals("/call")));
            http.data(1, true, new byte[5]);
            assertThat(http.outcome(1)).isInstanceOf(Outcome.Answered.class);
        }
    }

    @Test
    void r51_anOriginThatDoesNotBeginItsAnswerInTimeIs504() {
        origin.answer(request -> request.target().equals("/never"), (request, in, out) -> in.read() >= 0);
        RawHttp.Response answer =
                RawHttp.exchange(edge.port(), "GET /never HTTP/1.1\r\nHost: " + HOST + "\r\nAccept: text/html\r\n\r\n");
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.text()).contains("takes too long").doesNotContain("Exception");
    }

    @Test
    @ResourceLock(PLACES)
    void do04_aSourceHoldsOnlySoManyConnections() {
        List<RawHttp> crowd = new ArrayList<>();
        try {
            await().untilAsserted(() -> {
                while (crowd.size() < 3 * MOST_CONNECTIONS) {
                    crowd.add(http());
                }
                String request = "GET /x HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n";
                assertThat(crowd.stream()
                                .filter(each -> each.send(request).tryResponse() != null)
                                .count())
                        .isBetween(1L, (long) MOST_CONNECTIONS);
            });
        } finally {
            crowd.forEach(RawHttp::close);
        }
        await().untilAsserted(EdgeLimitsIT::assertServed);
    }

    record Flood(String what, byte[] once, IntFunction<byte[]> each, int pieces) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return RawHttp2.framed(type, flags, stream, payload);
    }

    private static byte[] both(byte[] one, byte[] two) {
        byte[] all = new byte[one.length + two.length];
        System.arraycopy(one, 0, all, 0, one.length);
        System.arraycopy(two, 0, all, one.length, two.length);
        return all;
    }

    static Stream<Flood> floods() {
        byte[] none = new byte[0];
        byte[] block = RawHttp2.block(List.of(get(HOST, "/flood")));
        byte[] post = frame(
                RawHttp2.HEADERS,
                END_HEADERS,
                1,
                RawHttp2.block(List.of(":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/flood")));
        return Stream.of(
                new Flood(
                        "rapid reset (CVE-2023-44487)",
                        none,
                        i -> both(
                                frame(RawHttp2.HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, block),
                                frame(RawHttp2.RST_STREAM, 0, 2 * i + 1, (byte) 0, (byte) 0, (byte) 0, (byte) 8)),
                        2_000),
                new Flood(
                        "provoked reset (CVE-2025-55163)",
                        none,
                        i -> both(
                                frame(RawHttp2.HEADERS, END_HEADERS, 2 * i + 1, block),
                                frame(RawHttp2.WINDOW_UPDATE, 0, 2 * i + 1, new byte[4])),
                        2_000),
                new Flood(
                        "CONTINUATION (CVE-2026-33871)",
                        frame(RawHttp2.HEADERS, END_STREAM, 1, block),
                        i -> frame(RawHttp2.CONTINUATION, 0, 1),
                        20_000),
                new Flood(
                        "CONTINUATION with fields",
                        frame(RawHttp2.HEADERS, END_STREAM, 1, block),
                        i -> frame(RawHttp2.CONTINUATION, 0, 1, RawHttp2.block(List.of("x" + i, "a".repeat(900)))),
                        2_000),
                new Flood("SETTINGS", none, i -> frame(RawHttp2.SETTINGS, 0, 0), 20_000),
                new Flood("PING", none, i -> frame(RawHttp2.PING, 0, 0, new byte[8]), 20_000),
                new Flood(
                        "PRIORITY",
                        none,
                        i -> frame(RawHttp2.PRIORITY, 0, 2 * i + 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1),
                        20_000),
                new Flood("unknown frames", none, i -> frame(0x20, 0, 0), 20_000),
                new Flood(
                        "credit in crumbs (CVE-2019-9511)",
                        none,
                        i -> frame(RawHttp2.WINDOW_UPDATE, 0, 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1),
                        50_000),
                new Flood("empty DATA", post, i -> frame(RawHttp2.DATA, 0, 1), 20_000));
    }

    @ParameterizedTest
    @MethodSource("floods")
    void do02_tu07_aFloodEndsTheConnectionWithinThreeSecondsAndOthersAreServed(Flood flood) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(flood.once());
        for (int i = 0; i < flood.pieces(); i++) {
            all.writeBytes(flood.each().apply(i));
        }
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            Thread.startVirtualThread(() -> http.bytes(all.toByteArray()));
            assertThat(http.end()).as("no clean end").isNotZero();
        }
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(3)));
        assertServed();
        assertThat(origin.violations()).allMatch(violation -> violation.startsWith("cut off"));
    }

    /** A window of zero: the whole answer waits here, for as long as the client says nothing. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = PLACES, mode = ResourceAccessMode.READ)
    void tu07_anAnswerThatNobodyAsksForIsGivenUp() {
        origin.answer(request -> request.target().equals("/wanted-not"), (request, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + "a".repeat(100_000))
                    .getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0})
                    .request(1, true, get(HOST, "/wanted-not"));
            assertThat(http.outcome(1))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answered -> assertThat(answered.body()).isEmpty());
        }
        assertServed();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = PLACES, mode = ResourceAccessMode.READ)
    void do01_aClientThatTakesNothingOfItsAnswerIsClosed() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        origin.answer(request -> request.target().equals("/endless"), (request, in, out) -> {
            try {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                while (true) {
                    out.write(new byte[64 << 10]);
                }
            } catch (IOException cutOff) {
                ended.complete(cutOff);
                throw cutOff;
            }
        });
        try (RawHttp http = http()) {
            http.send("GET /endless HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(ended).succeedsWithin(Duration.ofSeconds(60));
        }
        assertServed();
    }

    /** On an edge with times as they are: with the short ones a busy machine answers the first before it reads the last. */
    @Test
    void do02_oneConnectionHasAHundredStreams() {
        origin.answer(request -> request.target().equals("/hold"), (request, in, out) -> in.read() >= 0);
        try (Edge patient = Edge.start()
                        .origin(HOST, origin)
                        .application(HOST, Edge.bypass())
                        .publish();
                RawHttp2 http = RawHttp2.connect(patient.port())) {
            for (int i = 0; i <= 100; i++) {
                http.request(2 * i + 1, true, get(HOST, "/hold"));
            }
            assertThat(http.outcome(201)).isEqualTo(new Outcome.Reset(7));
        }
    }

    private static void assertServed() {
        assertThat(RawHttp.exchange(edge.port(), "GET /bystander HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n")
                        .status())
                .isEqualTo(200);
    }

    /** Accepts, and reads only when it may; answers once it got everything. */
    private static final class SlowOrigin implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

        SlowOrigin(CountDownLatch mayRead) throws IOException {
            Thread.ofVirtual().start(() -> serve(mayRead));
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + server.getLocalPort());
        }

        private void serve(CountDownLatch mayRead) {
            try (Socket socket = server.accept()) {
                mayRead.await();
                InputStream in = new BufferedInputStream(socket.getInputStream());
                int length = 0;
                for (String line = line(in); !line.isEmpty(); line = line(in)) {
                    if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(line.substring(15).strip());
                    }
                }
                in.skipNBytes(length);
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                in.read(); // until the gate closes
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                line.append((char) c);
            }
            return line.toString().strip();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
