package io.sallyport.gateway;

import static io.sallyport.testkit.RawHttp2.ACK;
import static io.sallyport.testkit.RawHttp2.CONTINUATION;
import static io.sallyport.testkit.RawHttp2.DATA;
import static io.sallyport.testkit.RawHttp2.END_HEADERS;
import static io.sallyport.testkit.RawHttp2.END_STREAM;
import static io.sallyport.testkit.RawHttp2.GOAWAY;
import static io.sallyport.testkit.RawHttp2.HEADERS;
import static io.sallyport.testkit.RawHttp2.PING;
import static io.sallyport.testkit.RawHttp2.PRIORITY;
import static io.sallyport.testkit.RawHttp2.PUSH_PROMISE;
import static io.sallyport.testkit.RawHttp2.RST_STREAM;
import static io.sallyport.testkit.RawHttp2.SETTINGS;
import static io.sallyport.testkit.RawHttp2.WINDOW_UPDATE;
import static io.sallyport.testkit.RawHttp2.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.testkit.Heap;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RawHttp2.Outcome;
import io.sallyport.testkit.RecordingOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Threats RP-15 to RP-18 and PN-08 in HTTP/2 frames, on the plain listener and over TLS. */
class Http2WireIT {
    private static final String HOST = "wiki.localhost";
    private static final byte[] NOTHING = new byte[0];
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int COMPRESSION_ERROR = 9;

    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start("sallyport.tls.self-signed=true", "sallyport.https.port=0")
                .origin(HOST, origin)
                .origin("closed.localhost", origin)
                .application(HOST, Edge.bypass())
                .application("closed.localhost", Edge.policy(PolicyAction.DENY, new Selector.Everyone()))
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    @BeforeEach
    void forget() {
        origin.drain();
        origin.violations().clear();
    }

    private static RawHttp2 connect(boolean tls) {
        return tls ? RawHttp2.secure(edge.httpsPort()) : RawHttp2.connect(edge.port());
    }

    /** The stream alone is lost: the next one on the same connection is served, and it is all that the origin hears. */
    private static void assertOnlyTheStreamIsLost(RawHttp2 http, int stream, String what) {
        Outcome outcome = http.outcome(stream);
        assertThat(outcome).as(what).isNotInstanceOf(Outcome.ConnectionOver.class);
        if (outcome instanceof Outcome.Answered answered) {
            assertThat(answered.status()).as(what).isBetween(400, 499);
        }
        http.request(stream + 2, true, get(HOST, "/honest"));
        assertThat(http.outcome(stream + 2)).as("after %s", what).isInstanceOf(Outcome.Answered.class);
        assertThat(origin.drain())
                .as(what)
                .extracting(RecordingOrigin.Recorded::target)
                .containsExactly("/honest");
        // A body that was cut off is an upstream request that was aborted, as RP-17 wants it.
        assertThat(origin.violations()).as(what).isSubsetOf("cut off in the body");
    }

    /** A browser keeps one connection for hours, and resets what its person no longer wants to see. */
    /** Each of them made Netty log a warning. */
    @Test
    void visitorsWhoResetTheirConnectionAreNoNews() throws IOException {
        origin.answer(request -> request.target().equals("/waiting"), (request, in, out) -> in.read() >= 0);
        Logger accessLog = (Logger) LoggerFactory.getLogger("io.sallyport.access");
        Logger netty = (Logger) LoggerFactory.getLogger("io.netty.channel.DefaultChannelPipeline");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        ListAppender<ILoggingEvent> warnings = new ListAppender<>();
        for (ListAppender<ILoggingEvent> each : List.of(lines, warnings)) {
            each.list = new CopyOnWriteArrayList<>(); // it is read while others write
            each.start();
        }
        accessLog.addAppender(lines);
        netty.addAppender(warnings);
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port());
            socket.setSoTimeout(30_000);
            socket.setSoLinger(true, 0); // closing it resets the connection
            try (RawHttp2 http = RawHttp2.over(socket)) {
                http.request(1, true, get(HOST, "/waiting"));
                origin.take();
            }
            await().until(() -> lines.list.stream()
                    .anyMatch(line -> line.getFormattedMessage().contains("/waiting")));
            assertThat(warnings.list).isEmpty();
        } finally {
            accessLog.detachAppender(lines);
            netty.detachAppender(warnings);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamsThatWereResetLeaveNothingBehind(boolean tls) {
        origin.answer(request -> request.target().equals("/silent"), (request, in, out) -> in.read() >= 0);
        origin.answer(request -> request.target().equals("/endless"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            while (true) {
                out.write(chunk);
            }
        });
        Logger accessLog = (Logger) LoggerFactory.getLogger("io.sallyport.access");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>(); // it is read while others write
        lines.start();
        accessLog.addAppender(lines);
        try (RawHttp2 http = connect(tls)) {
            http.frame(
                    WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1 << 30).array());
            Map<String, Long> before = streams();
            int stream = 1;
            for (int i = 0; i < 30; i++) {
                stream = reset(http, stream, true, "/silent");
                stream = reset(http, stream, true, "/endless");
                stream = reset(http, stream, false, "/silent");
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(streams())
                            .allSatisfy((type, left) ->
                                    assertThat(left).as(type).isLessThan(before.getOrDefault(type, 0L) + 15)));
            await().until(() -> lines.list.size() >= 90);
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .noneMatch(line -> line.contains("\"origin_")) // who left was not the origin
                    .filteredOn(line -> line.contains("/endless"))
                    .allMatch(line -> line.contains("\"failure\":"));
            http.request(stream, true, get(HOST, "/honest"));
            assertThat(http.outcome(stream)).isInstanceOf(Outcome.Answered.class);
        } finally {
            accessLog.detachAppender(lines);
        }
    }

    /** What a stream needs, and how many there are in this process, where other classes' may live, too. */
    private static Map<String, Long> streams() {
        return Heap.count(List.of(
                "io.netty.handler.codec.http2.Http2MultiplexHandler$Http2MultiplexHandlerStreamChannel",
                "org.springframework.web.server.adapter.DefaultServerWebExchange",
                "reactor.netty.http.client.HttpClientOperations"));
    }

    private static int reset(RawHttp2 http, int stream, boolean whole, String path) {
        http.request(stream, whole, get(HOST, path));
        if (whole) {
            origin.take();
        } else {
            http.data(stream, false, new byte[100]);
        }
        http.frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(8).array());
        return stream + 2;
    }

    record Malformed(String id, String what, List<String> fields) {
        @Override
        public String toString() {
            return id + " " + what;
        }
    }

    private static Malformed only(String id, String what, String... fields) {
        return new Malformed(id, what, List.of(fields));
    }

    private static Malformed with(String id, String what, String... more) {
        List<String> fields = new ArrayList<>(List.of(get(HOST, "/x")));
        fields.addAll(List.of(more));
        return new Malformed(id, what, fields);
    }

    private static Malformed instead(String id, String what, String name, String value) {
        List<String> fields = new ArrayList<>(List.of(get(HOST, "/x")));
        fields.set(fields.indexOf(name) + 1, value);
        return new Malformed(id, what, fields);
    }

    private static Malformed without(String what, String name) {
        List<String> fields = new ArrayList<>(List.of(get(HOST, "/x")));
        int at = fields.indexOf(name);
        fields.subList(at, at + 2).clear();
        return new Malformed("RP-15", what, fields);
    }

    static Stream<Malformed> malformed() {
        return Stream.of(
                without("no method", ":method"),
                without("no scheme", ":scheme"),
                without("no path", ":path"),
                without("no authority and no host", ":authority"),
                with("RP-15", "two methods", ":method", "POST"),
                with("RP-15", "two paths", ":path", "/y"),
                with("RP-15", "two schemes", ":scheme", "https"),
                with("RP-15", "two authorities", ":authority", "b.localhost"),
                with("RP-15", "unknown pseudo-header", ":test", "a"),
                with("RP-15", "response pseudo-header", ":status", "200"),
                only(
                        "RP-15",
                        "late pseudo-header",
                        ":method",
                        "GET",
                        ":scheme",
                        "http",
                        "x",
                        "a",
                        ":authority",
                        HOST,
                        ":path",
                        "/x"),
                instead("RP-15", "empty path", ":path", ""),
                instead("RP-15", "empty method", ":method", ""),
                with("RP-15", "upper case", "X-Upper", "a"),
                with("RP-15", "connection", "connection", "close"),
                with("RP-15", "keep-alive", "keep-alive", "timeout=5"),
                with("RP-15", "proxy-connection", "proxy-connection", "close"),
                with("RP-15", "transfer-encoding", "transfer-encoding", "chunked"),
                with("RP-15", "upgrade", "upgrade", "websocket"),
                with("RP-15", "http2-settings", "http2-settings", "AAMAAABk"),
                with("RP-15", "te gzip", "te", "gzip"),
                with("RP-15", "te twice", "te", "trailers", "te", "gzip"),
                with("RP-15", "te list", "te", "trailers, deflate"),
                with("RP-16", "CR in a value", "x", "a\rb"),
                with("RP-16", "LF in a value", "x", "a\nb"),
                with("RP-16", "a request in a value", "x", "a\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: wiki.localhost"),
                with("RP-16", "NUL in a value", "x", "a\0b"),
                with("RP-16", "DEL in a value", "x", "a\u007fb"),
                with("RP-16", "CR in a name", "x\ry", "a"),
                with("RP-16", "LF in a name", "x\ny", "a"),
                with("RP-16", "a field in a name", "x: a\r\ny", "b"),
                with("RP-16", "NUL in a name", "x\0", "a"),
                with("RP-16", "space in a name", "x y", "a"),
                with("RP-16", "colon in a name", "x:y", "a"),
                with("RP-16", "colon at the end of a name", "x:", "a"),
                with("RP-16", "empty name", "", "a"),
                instead("RP-16", "space in the method", ":method", "GET /smuggled HTTP/1.1"),
                instead("RP-16", "CRLF in the method", ":method", "GET\r\n"),
                instead("RP-16", "colon in the method", ":method", "GE:T"),
                instead("RP-16", "space in the path", ":path", "/x HTTP/1.1"),
                instead("RP-16", "CRLF in the path", ":path", "/x HTTP/1.1\r\nhost: b\r\n\r\n"),
                instead("RP-16", "NUL in the path", ":path", "/x\0"),
                instead("RP-16", "eight-bit path", ":path", "/\u00e9"),
                instead("RP-16", "fragment", ":path", "/x#y"),
                instead("RP-16", "backslash in the path", ":path", "/x\\y"),
                instead("RP-16", "relative path", ":path", "x"),
                instead("RP-16", "CRLF in the authority", ":authority", "wiki.localhost\r\nx: y"),
                instead("RP-16", "space in the authority", ":authority", "wiki.localhost x"),
                instead("RP-16", "userinfo in the authority", ":authority", "a@wiki.localhost"),
                instead("RP-16", "path in the authority", ":authority", "wiki.localhost/x"),
                instead("RP-16", "empty authority", ":authority", ""),
                instead("RP-15", "foreign scheme", ":scheme", "ftp"),
                instead("RP-16", "CRLF in the scheme", ":scheme", "http\r\n"),
                with("PN-08", "another host", "host", "closed.localhost"),
                with("PN-08", "two hosts", "host", HOST, "host", HOST),
                instead("PN-02", "encoded slash", ":path", "/a%2fb"),
                instead("RP-20", "TRACE", ":method", "TRACE"),
                with("RP-12", "other expectations", "expect", "the-unexpected"),
                with("RP-17", "length without a body", "content-length", "5"),
                with("RP-17", "length that is none", "content-length", "x"),
                with("RP-17", "signed length", "content-length", "+0"),
                with("RP-17", "two lengths", "content-length", "0", "content-length", "5"),
                only("RP-20", "CONNECT", ":method", "CONNECT", ":authority", "wiki.localhost:443"),
                only(
                        "RP-20",
                        "extended CONNECT",
                        ":method",
                        "CONNECT",
                        ":protocol",
                        "websocket",
                        ":scheme",
                        "http",
                        ":authority",
                        HOST,
                        ":path",
                        "/x"),
                only(
                        "RP-15",
                        "asterisk with GET",
                        ":method",
                        "GET",
                        ":scheme",
                        "http",
                        ":authority",
                        HOST,
                        ":path",
                        "*"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whateverCouldBecomeAnotherRequestEndsItsStreamAlone(Malformed each) {
        try (RawHttp2 http = connect(false)) {
            http.request(1, true, each.fields().toArray(String[]::new));
            assertOnlyTheStreamIsLost(http, 1, each.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void overTlsTheSameHolds(Malformed each) {
        try (RawHttp2 http = connect(true)) {
            http.request(1, true, each.fields().toArray(String[]::new));
            assertOnlyTheStreamIsLost(http, 1, each.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rp17_aLengthThatTheDataDoesNotKeepAbortsTheUpstreamRequest(boolean tls) {
        String[] post = {":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x", "content-length", "10"
        };
        try (RawHttp2 http = connect(tls)) {
            http.request(1, false, post).data(1, true, "hello".getBytes(StandardCharsets.US_ASCII));
            assertOnlyTheStreamIsLost(http, 1, "too little");
            http.request(5, false, post).data(5, false, "hello hello hello".getBytes(StandardCharsets.US_ASCII));
            assertOnlyTheStreamIsLost(http, 5, "too much");
        }
    }

    @Test
    void rp06_requestTrailersNeverReachTheOrigin() {
        try (RawHttp2 http = connect(false)) {
            http.request(1, false, ":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x")
                    .data(1, false, "hello".getBytes(StandardCharsets.US_ASCII))
                    .request(1, true, "x-late", "a", "cookie", "CF_Authorization=x", "host", "evil");
            assertThat(http.outcome(1)).isInstanceOf(Outcome.Answered.class);
        }
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.text()).isEqualTo("hello");
        assertThat(got.raw()).doesNotContain("x-late").doesNotContain("evil");
        assertThat(origin.violations()).isEmpty();
    }

    @Test
    void rp15_pseudoHeadersInTrailersAreNoSecondRequest() {
        try (RawHttp2 http = connect(false)) {
            http.request(1, false, ":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x")
                    .data(1, false, "hello".getBytes(StandardCharsets.US_ASCII))
                    .request(1, true, get("closed.localhost", "/smuggled"));
            assertOnlyTheStreamIsLost(http, 1, "a request in the place of trailers");
        }
    }

    @Test
    void rp15_trailersThatDoNotEndTheStreamAreRefused() {
        try (RawHttp2 http = connect(false)) {
            http.request(1, false, ":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x")
                    .data(1, false, "hello".getBytes(StandardCharsets.US_ASCII))
                    .request(1, false, "x-late", "a");
            assertOnlyTheStreamIsLost(http, 1, "trailers without an end");
        }
    }

    @Test
    void rp21_eachStreamOfAConnectionIsDecidedAlone() {
        try (RawHttp2 http = connect(true)) {
            http.request(1, true, get(HOST, "/1"))
                    .request(3, true, get("closed.localhost", "/2"))
                    .request(5, true, get(HOST, "/3"));
            assertThat(http.outcome(5)).isInstanceOf(Outcome.Answered.class);
        }
        assertThat(origin.drain())
                .extracting(RecordingOrigin.Recorded::target)
                .doesNotContain("/2")
                .containsOnlyOnce("/3");
    }

    @Test
    void ourOwnAnswersComeOverHttp2Too() {
        try (RawHttp2 http = connect(true)) {
            http.request(1, true, get("closed.localhost", "/x"));
            assertThat(http.outcome(1))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answer -> assertThat(answer.status()).isEqualTo(403));
            http.request(3, true, ":method", "OPTIONS", ":scheme", "https", ":authority", HOST, ":path", "*");
            assertThat(http.outcome(3))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answer -> assertThat(answer.status()).isEqualTo(204));
        }
        assertThat(origin.drain()).isEmpty();
    }

    /** A case of RFC 9113 or RFC 7541 after which the whole connection is over, with one of these codes. */
    record Broken(String what, List<Integer> codes, List<byte[]> frames) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Broken broken(String what, List<Integer> codes, byte[]... frames) {
        return new Broken(what, codes, List.of(frames));
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return RawHttp2.framed(type, flags, stream, payload);
    }

    private static byte[] setting(int id, int value) {
        return frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) id).putInt(value).array());
    }

    private static byte[] window(int stream, int increment) {
        return frame(
                WINDOW_UPDATE,
                0,
                stream,
                ByteBuffer.allocate(4).putInt(increment).array());
    }

    private static byte[] headers(int flags, int stream) {
        return frame(HEADERS, flags, stream, RawHttp2.block(List.of(get(HOST, "/x"))));
    }

    /** The connection errors that h2spec describes, in our own words (RP-18). */
    static Stream<Broken> brokenConnections() {
        int open = END_HEADERS;
        int whole = END_HEADERS | END_STREAM;
        byte[] post = frame(
                HEADERS,
                open,
                1,
                RawHttp2.block(List.of(":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x")));
        return Stream.of(
                broken("DATA on stream 0", List.of(PROTOCOL_ERROR), frame(DATA, 0, 0, (byte) 1)),
                broken("DATA on an idle stream", List.of(PROTOCOL_ERROR), frame(DATA, END_STREAM, 1, (byte) 1)),
                broken(
                        "DATA whose padding is longer than itself",
                        List.of(PROTOCOL_ERROR),
                        post,
                        frame(DATA, 8, 1, (byte) 5, (byte) 0)),
                broken("HEADERS on stream 0", List.of(PROTOCOL_ERROR), headers(whole, 0)),
                broken("HEADERS on an even stream", List.of(PROTOCOL_ERROR), headers(whole, 2)),
                broken(
                        "HEADERS on an older stream",
                        List.of(PROTOCOL_ERROR, STREAM_CLOSED),
                        headers(whole, 5),
                        headers(whole, 3)),
                broken(
                        "HEADERS whose padding is longer than itself",
                        List.of(PROTOCOL_ERROR),
                        frame(HEADERS, whole | 8, 1, (byte) 9, (byte) 0)),
                broken("PRIORITY on stream 0", List.of(PROTOCOL_ERROR), frame(PRIORITY, 0, 0, new byte[5])),
                broken("RST_STREAM on stream 0", List.of(PROTOCOL_ERROR), frame(RST_STREAM, 0, 0, new byte[4])),
                broken("RST_STREAM on an idle stream", List.of(PROTOCOL_ERROR), frame(RST_STREAM, 0, 1, new byte[4])),
                broken(
                        "RST_STREAM of three bytes",
                        List.of(FRAME_SIZE_ERROR),
                        post,
                        frame(RST_STREAM, 0, 1, new byte[3])),
                broken("SETTINGS on a stream", List.of(PROTOCOL_ERROR), frame(SETTINGS, 0, 1)),
                broken(
                        "SETTINGS acknowledgement with a payload",
                        List.of(FRAME_SIZE_ERROR),
                        frame(SETTINGS, ACK, 0, new byte[6])),
                broken("SETTINGS of five bytes", List.of(FRAME_SIZE_ERROR), frame(SETTINGS, 0, 0, new byte[5])),
                broken("ENABLE_PUSH of 2", List.of(PROTOCOL_ERROR), setting(2, 2)),
                broken("INITIAL_WINDOW_SIZE beyond 2^31", List.of(FLOW_CONTROL_ERROR, PROTOCOL_ERROR), setting(4, -1)),
                broken("MAX_FRAME_SIZE too small", List.of(PROTOCOL_ERROR), setting(5, 1)),
                broken("MAX_FRAME_SIZE too large", List.of(PROTOCOL_ERROR), setting(5, 1 << 24)),
                broken(
                        "PUSH_PROMISE from a client",
                        List.of(PROTOCOL_ERROR),
                        post,
                        frame(PUSH_PROMISE, END_HEADERS, 1, new byte[4])),
                broken("PING on a stream", List.of(PROTOCOL_ERROR), frame(PING, 0, 1, new byte[8])),
                broken("PING of six bytes", List.of(FRAME_SIZE_ERROR), frame(PING, 0, 0, new byte[6])),
                broken("GOAWAY on a stream", List.of(PROTOCOL_ERROR), frame(GOAWAY, 0, 1, new byte[8])),
                broken("WINDOW_UPDATE of nothing", List.of(PROTOCOL_ERROR), window(0, 0)),
                broken("WINDOW_UPDATE beyond 2^31", List.of(FLOW_CONTROL_ERROR), window(0, Integer.MAX_VALUE)),
                broken(
                        "WINDOW_UPDATE of three bytes",
                        List.of(FRAME_SIZE_ERROR),
                        frame(WINDOW_UPDATE, 0, 0, new byte[3])),
                broken("WINDOW_UPDATE on an idle stream", List.of(PROTOCOL_ERROR), window(1, 1)),
                broken("CONTINUATION without HEADERS", List.of(PROTOCOL_ERROR), frame(CONTINUATION, END_HEADERS, 1)),
                broken(
                        "CONTINUATION after the end of a block",
                        List.of(PROTOCOL_ERROR),
                        headers(open, 1),
                        frame(CONTINUATION, END_HEADERS, 1)),
                broken(
                        "CONTINUATION on another stream",
                        List.of(PROTOCOL_ERROR),
                        headers(0, 1),
                        frame(CONTINUATION, END_HEADERS, 3)),
                broken(
                        "CONTINUATION on stream 0",
                        List.of(PROTOCOL_ERROR),
                        headers(0, 1),
                        frame(CONTINUATION, END_HEADERS, 0)),
                broken("DATA inside a header block", List.of(PROTOCOL_ERROR), headers(0, 1), frame(DATA, 0, 1)),
                broken("HEADERS inside a header block", List.of(PROTOCOL_ERROR), headers(0, 1), headers(whole, 3)),
                broken(
                        "an unknown frame inside a header block",
                        List.of(PROTOCOL_ERROR),
                        headers(0, 1),
                        frame(0x16, 0, 0)),
                broken(
                        "a frame beyond MAX_FRAME_SIZE",
                        List.of(FRAME_SIZE_ERROR),
                        post,
                        frame(DATA, 0, 1, new byte[16_385])),
                broken(
                        "an index of the header table that does not exist",
                        List.of(COMPRESSION_ERROR),
                        frame(HEADERS, whole, 1, (byte) 0xff, (byte) 0xff, (byte) 0x0f)),
                broken("index 0", List.of(COMPRESSION_ERROR), frame(HEADERS, whole, 1, (byte) 0x80)),
                broken(
                        "a table size beyond the setting",
                        List.of(COMPRESSION_ERROR),
                        frame(HEADERS, whole, 1, (byte) 0x3f, (byte) 0xff, (byte) 0xff, (byte) 0x0f)),
                broken(
                        "Huffman padding longer than seven bits",
                        List.of(COMPRESSION_ERROR),
                        frame(
                                HEADERS,
                                whole,
                                1,
                                (byte) 0,
                                (byte) 0x85,
                                (byte) 0xf2,
                                (byte) 0xb2,
                                (byte) 0x4a,
                                (byte) 0xff,
                                (byte) 0xff,
                                (byte) 0)),
                broken(
                        "a string longer than its block",
                        List.of(COMPRESSION_ERROR),
                        frame(HEADERS, whole, 1, (byte) 0, (byte) 0x20, (byte) 'x')),
                broken(
                        "an open connection's preface again",
                        List.of(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @MethodSource("brokenConnections")
    void rp18_brokenFramingEndsTheConnection(Broken each) {
        for (boolean tls : new boolean[] {false, true}) {
            try (RawHttp2 http = connect(tls)) {
                each.frames().forEach(http::bytes);
                assertThat(http.end()).as("%s, TLS %s", each, tls).isIn(withBareClose(each.codes()));
            }
        }
        assertThat(origin.violations()).isEmpty();
    }

    private static List<Integer> withBareClose(List<Integer> codes) {
        List<Integer> all = new ArrayList<>(codes);
        all.add(-1); // RFC 9113 §5.4.1: GOAWAY is a SHOULD where the other side may no longer read
        return all;
    }

    /** Errors of one stream (RFC 9113 §5.4.2); where the RFC says so, ending the connection is right as well. */
    static Stream<Broken> brokenStreams() {
        byte[] post = frame(
                HEADERS,
                END_HEADERS,
                1,
                RawHttp2.block(List.of(":method", "POST", ":scheme", "http", ":authority", HOST, ":path", "/x")));
        return Stream.of(
                broken("PRIORITY of four bytes", List.of(FRAME_SIZE_ERROR), post, frame(PRIORITY, 0, 1, new byte[4])),
                broken("WINDOW_UPDATE of nothing on a stream", List.of(PROTOCOL_ERROR), post, window(1, 0)),
                broken(
                        "a stream's window beyond 2^31",
                        List.of(FLOW_CONTROL_ERROR),
                        post,
                        window(1, Integer.MAX_VALUE)),
                broken(
                        "DATA after the end",
                        List.of(STREAM_CLOSED),
                        headers(END_HEADERS | END_STREAM, 1),
                        frame(DATA, 0, 1, (byte) 1)),
                broken(
                        "DATA after a reset",
                        List.of(STREAM_CLOSED),
                        post,
                        frame(RST_STREAM, 0, 1, new byte[4]),
                        frame(DATA, 0, 1, (byte) 1)),
                broken(
                        "HEADERS after a reset",
                        List.of(STREAM_CLOSED, PROTOCOL_ERROR),
                        post,
                        frame(RST_STREAM, 0, 1, new byte[4]),
                        headers(END_HEADERS | END_STREAM, 1)));
    }

    @ParameterizedTest
    @MethodSource("brokenStreams")
    void rp18_brokenStreamsNeverBecomeRequests(Broken each) {
        try (RawHttp2 http = connect(false)) {
            each.frames().forEach(http::bytes);
            http.request(7, true, get(HOST, "/honest"));
            Outcome outcome = http.outcome(7);
            if (outcome instanceof Outcome.ConnectionOver over) {
                assertThat(over.code()).as("%s", each).isIn(withBareClose(each.codes()));
            } else {
                assertThat(outcome).as("%s", each).isInstanceOf(Outcome.Answered.class);
            }
        }
        assertThat(origin.drain())
                .extracting(RecordingOrigin.Recorded::target)
                .isSubsetOf("/honest", "/x")
                .doesNotHaveDuplicates();
        assertThat(origin.violations()).isEmpty();
    }

    /** What a receiver must take (RFC 9113 §4.1, §5.1, §5.5, §6). */
    @Test
    void rp18_soundButRareFramesAreTaken() {
        byte[] block = RawHttp2.block(List.of(get(HOST, "/rare")));
        byte[] padded = ByteBuffer.allocate(block.length + 5)
                .put((byte) 4)
                .put(block)
                .put(new byte[4])
                .array();
        byte[] halves = Arrays.copyOfRange(block, block.length / 2, block.length);
        try (RawHttp2 http = connect(false)) {
            http.frame(0x16, 0xff, 0, new byte[8]) // unknown type
                    .bytes(setting(0x4f, 5)) // unknown setting
                    .frame(PRIORITY, 0, 3, new byte[] {0, 0, 0, 1, 10}) // of an idle stream
                    .frame(PING, 0xfa, 0, new byte[8]) // undefined flags, but no acknowledgement
                    .frame(HEADERS, END_STREAM | END_HEADERS | 8, 1, padded);
            assertThat(http.outcome(1)).isInstanceOf(Outcome.Answered.class);
            http.frame(HEADERS, END_STREAM, 5, Arrays.copyOf(block, block.length / 2))
                    .frame(CONTINUATION, 0, 5, NOTHING)
                    .frame(CONTINUATION, END_HEADERS, 5, halves);
            assertThat(http.outcome(5)).isInstanceOf(Outcome.Answered.class);
        }
        assertThat(origin.drain()).hasSize(2);
    }

    @Test
    void rp18_aPrefaceThatIsNoneEndsTheConnection() {
        try (RawHttp2 http = RawHttp2.open(edge.port(), false)) {
            http.bytes("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(http.next())
                    .satisfiesAnyOf(
                            frame -> assertThat(frame).isNull(),
                            frame -> assertThat(frame.type()).isGreaterThan(9)); // an HTTP/1 refusal read as a frame
        }
        assertThat(origin.drain()).isEmpty();
    }
}
