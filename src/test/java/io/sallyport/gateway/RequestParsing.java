package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threats RP over raw sockets: what the origin got is exactly one unambiguous request for each that was admitted. The classes that
 * run it differ in the listener.
 */
abstract class RequestParsing {
    private static final String HOST = "Host: wiki.localhost\r\n";

    /**
     * Ends whatever a mutant has begun: no line of a head, no size of a chunk and no request, and long enough for the bodies that
     * mutants announce. An end of our side in its place would be that of a visitor who leaves, for whom nothing is asked any more.
     */
    private static final String NO_REQUEST = "\u0001\r\n\r\n".repeat(2_000);

    private static Door door;
    private static Edge edge;
    private static RecordingOrigin origin;

    static void open(Door opened) {
        origin = RecordingOrigin.start();
        door = opened;
        edge = opened.edge()
                .origin("wiki.localhost", origin)
                .origin("closed.localhost", origin)
                .application("wiki.localhost", Edge.bypass())
                .application("closed.localhost", Edge.policy(PolicyAction.DENY, new Selector.Everyone()))
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static RawHttp connect() {
        return door.connect().get();
    }

    private static RawHttp.Response exchange(String request) {
        try (RawHttp http = connect()) {
            return http.send(request).response();
        }
    }

    @BeforeEach
    void forget() {
        origin.drain();
        origin.violations().clear();
    }

    record Refused(String id, String what, String request) {
        @Override
        public String toString() {
            return id + " " + what;
        }
    }

    private static Refused head(String id, String what, String fields) {
        return new Refused(id, what, "POST /x HTTP/1.1\r\n" + HOST + fields + "\r\n\r\nhello");
    }

    private static Refused line(String what, String requestLine) {
        return new Refused("RP-08", what, requestLine + "\r\n" + HOST + "\r\n");
    }

    private static Refused chunks(String id, String what, String body) {
        return new Refused(id, what, "POST /x HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + body);
    }

    static Stream<Refused> refused() {
        return Stream.of(
                head("RP-01", "length and encoding", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
                head("RP-01", "encoding and length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
                head("RP-02", "empty length", "Content-Length: "),
                head("RP-02", "plus", "Content-Length: +5"),
                head("RP-02", "minus", "Content-Length: -5"),
                head("RP-02", "hex", "Content-Length: 0x5"),
                head("RP-02", "spaced inside", "Content-Length: 5 5"),
                head("RP-02", "overflow", "Content-Length: 99999999999999999999"),
                head("RP-02", "wraps 64 bits", "Content-Length: 18446744073709551621"),
                head("RP-02", "differing", "Content-Length: 5\r\nContent-Length: 6"),
                head("RP-02", "differing list", "Content-Length: 5, 6"),
                head("RP-02", "letters", "Content-Length: 5a"),
                head("RP-03", "gzip", "Transfer-Encoding: gzip"),
                head("RP-03", "gzip then chunked", "Transfer-Encoding: gzip, chunked"),
                head("RP-03", "chunked twice", "Transfer-Encoding: chunked, chunked"),
                head("RP-03", "chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                head("RP-03", "identity", "Transfer-Encoding: identity"),
                head("RP-03", "look-alike", "Transfer-Encoding: xchunked"),
                head("RP-03", "vertical tab", "Transfer-Encoding: \u000bchunked"),
                head("RP-03", "trailing control byte", "Transfer-Encoding: chunked\u0001"),
                head("RP-03", "quoted", "Transfer-Encoding: \"chunked\""),
                head("RP-03", "trailing comma", "Transfer-Encoding: chunked,"),
                head("RP-03", "folded", "Transfer-Encoding:\r\n chunked"),
                head("RP-03", "in front of a colon", "Transfer-Encoding : chunked"),
                new Refused(
                        "RP-03",
                        "in HTTP/1.0",
                        "POST /x HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                chunks("RP-04", "0x size", "0x5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "leading space", " 5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "plus", "+5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "minus", "-5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "bare LF", "5\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "bare CR", "5\rhello\r\n0\r\n\r\n"),
                chunks("RP-04", "CR CR LF", "5\r\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "NUL in an extension", "5;a\u0000b\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "endless extension", "5;" + "a".repeat(40_000) + "\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-04", "empty size", "\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-05", "data too long", "5\r\nhelloX\r\n0\r\n\r\n"),
                chunks("RP-05", "no CRLF after data", "5\r\nhello0\r\n\r\n"),
                chunks("RP-05", "LF after data", "5\r\nhello\n0\r\n\r\n"),
                chunks("RP-05", "size overflow", "FFFFFFFFFFFFFFFF5\r\nhello\r\n0\r\n\r\n"),
                chunks("RP-05", "size overflow 32", "100000005\r\nhello\r\n0\r\n\r\n"),
                head("RP-07", "bare CR in a value", "Content-Length: 5\r\nX: a\rb"),
                head("RP-07", "NUL in a value", "Content-Length: 5\r\nX: a\u0000b"),
                head("RP-07", "control byte", "Content-Length: 5\r\nX: a\u0001b"),
                head("RP-07", "DEL", "Content-Length: 5\r\nX: a\u007fb"),
                head("RP-07", "folded line", "Content-Length: 5\r\nX: a\r\n b"),
                head("RP-07", "space before colon", "Content-Length: 5\r\nX : a"),
                head("RP-07", "tab before colon", "Content-Length: 5\r\nX\t: a"),
                head("RP-07", "no colon", "Content-Length: 5\r\nX"),
                head("RP-07", "empty name", "Content-Length: 5\r\n: a"),
                head("RP-07", "no token", "Content-Length: 5\r\nX(y): a"),
                head("RP-07", "NUL in a name", "Content-Length: 5\r\nX\u0000: a"),
                head("RP-07", "space in a name", "Content-Length: 5\r\nX Y: a"),
                head("RP-07", "leading space", " X: a\r\nContent-Length: 5"),
                line("two spaces", "GET  / HTTP/1.1"),
                line("two spaces before the version", "GET /  HTTP/1.1"),
                line("tab", "GET\t/ HTTP/1.1"),
                line("vertical tab", "GET\u000b/ HTTP/1.1"),
                line("space at the end", "GET / HTTP/1.1 "),
                line("leading space", " GET / HTTP/1.1"),
                line("space in the target", "GET /a b HTTP/1.1"),
                line("method that is no token", "G(T / HTTP/1.1"),
                line("lower-case protocol", "GET / http/1.1"),
                line("HTTP/1.2", "GET / HTTP/1.2"),
                line("HTTP/2.0", "GET / HTTP/2.0"),
                line("HTTP/0.9", "GET / HTTP/0.9"),
                line("HTTP/1.1x", "GET / HTTP/1.1x"),
                line("HTTP/01.1", "GET / HTTP/01.1"),
                line("no version", "GET /"),
                line("raw eight-bit target", "GET /\u00e9 HTTP/1.1"),
                line("control byte in the target", "GET /\u0001 HTTP/1.1"),
                line("fragment", "GET /a#b HTTP/1.1"),
                new Refused("RP-09", "no host", "GET / HTTP/1.1\r\n\r\n"),
                new Refused("RP-09", "no host in 1.0", "GET / HTTP/1.0\r\n\r\n"),
                new Refused("RP-09", "two hosts", "GET / HTTP/1.1\r\n" + HOST + HOST + "\r\n"),
                new Refused("RP-09", "two different hosts", "GET / HTTP/1.1\r\n" + HOST + "Host: b.localhost\r\n\r\n"),
                new Refused("RP-09", "host with a space", "GET / HTTP/1.1\r\nHost: wiki localhost\r\n\r\n"),
                new Refused("RP-09", "host with a path", "GET / HTTP/1.1\r\nHost: wiki.localhost/x\r\n\r\n"),
                new Refused("RP-09", "host with userinfo", "GET / HTTP/1.1\r\nHost: a@wiki.localhost\r\n\r\n"),
                new Refused("RP-09", "empty host", "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
                new Refused("RP-09", "port that is none", "GET / HTTP/1.1\r\nHost: wiki.localhost:x\r\n\r\n"),
                new Refused("RP-09", "port out of range", "GET / HTTP/1.1\r\nHost: wiki.localhost:99999\r\n\r\n"),
                new Refused("RP-09", "host list", "GET / HTTP/1.1\r\nHost: wiki.localhost, b.localhost\r\n\r\n"),
                new Refused("PN-08", "other authority", "GET http://b.localhost/ HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "encoded slash", "GET /a%2fb HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "encoded backslash", "GET /a%5cb HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "raw backslash", "GET /a\\b HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "encoded NUL", "GET /a%00 HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "parameters", "GET /a;b/c HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "bad escape", "GET /a%zz HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused("PN-02", "overlong UTF-8", "GET /a%c0%af HTTP/1.1\r\n" + HOST + "\r\n"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whateverCanBeReadTwiceIsRefusedAndTheConnectionCloses(Refused each) {
        try (RawHttp http = connect()) {
            RawHttp.Response response = http.send(each.request()).response();
            assertThat(response.status()).as("%s", each).isIn(400, 405, 414, 431, 501);
            assertThat(http.isClosedByPeer()).as("closed after %s", each).isTrue();
        }
        assertNothingArrived(each.toString());
    }

    /** A guard that takes a body for the next request's head would refuse these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": 1, \"b\": 2}",
                "first\nsecond",
                " folded\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            })
    void aBodyArrivesWhateverItSaysAndSoDoesTheNextRequest(String body) {
        try (RawHttp http = connect()) {
            for (String head : List.of(
                    "Content-Length: " + body.length() + "\r\n\r\n" + body,
                    "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                            + "\r\n0\r\n\r\n")) {
                assertThat(http.send("POST /x HTTP/1.1\r\n" + HOST + head)
                                .response()
                                .status())
                        .isEqualTo(200);
                assertThat(origin.take().text()).isEqualTo(body);
            }
        }
    }

    @Test
    void rp05_aBodyWithoutItsLastChunkIsAborted() {
        try (RawHttp http = connect()) {
            http.send("POST /x HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                    .finish();
            http.readToEnd();
        }
        assertNothingArrived("cut-off body");
    }

    @Test
    void rp02_equalRepeatsOfALengthAreOneOrRefused() {
        RawHttp.Response response =
                exchange("POST /x HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
        assertThat(response.status()).isIn(200, 400);
    }

    @Test
    void rp04_chunkExtensionsAreDropped() {
        RawHttp.Response response = exchange("POST /x HTTP/1.1\r\n" + HOST
                + "Transfer-Encoding: chunked\r\n\r\n5;name=value\r\nhello\r\n0;last\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.text()).isEqualTo("hello");
        assertThat(got.raw()).doesNotContain("name=value");
    }

    @Test
    void rp06_requestTrailersNeverReachTheOrigin() {
        RawHttp.Response response = exchange("POST /x HTTP/1.1\r\n" + HOST
                + "Trailer: X-Late\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Late: a\r\nHost: evil\r\n"
                + "Cookie: CF_Authorization=x\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        assertThat(origin.take().raw()).doesNotContainIgnoringCase("x-late").doesNotContain("evil");
        assertThat(origin.violations()).isEmpty();
    }

    @Test
    void rp06_originTrailersNeverReachTheVisitor() {
        origin.answerRaw(
                "/trailers",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n5\r\nhello\r\n0\r\n"
                        + "Set-Cookie: a=b\r\n\r\n");
        try (RawHttp http = connect()) {
            http.send("GET /trailers HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
            assertThat(new String(http.readToEnd(), StandardCharsets.ISO_8859_1))
                    .contains("hello")
                    .doesNotContain("a=b");
        }
    }

    @Test
    void rp07_bareLineFeedsAreRefused() {
        try (RawHttp http = connect()) {
            http.send("GET / HTTP/1.1\nHost: wiki.localhost\n\n");
            assertThat(http.response().status()).isEqualTo(400);
        }
        assertNothingArrived("bare LF");
    }

    @Test
    void rp10_theForwardedMessageIsFramedAnewAndHopFieldsStay() {
        RawHttp.Response response = exchange("POST /x HTTP/1.1\r\n" + HOST
                + "Connection: keep-alive, x-hop\r\nX-Hop: a\r\nKeep-Alive: timeout=5\r\nProxy-Connection: a\r\n"
                + "TE: trailers\r\nTrailer: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.text()).isEqualTo("hello");
        for (String hop : List.of("connection", "keep-alive", "proxy-connection", "te", "trailer", "x-hop")) {
            assertThat(got.all(hop)).as(hop).isEmpty();
        }
        assertThat(origin.violations()).isEmpty();
    }

    @Test
    void rp11_theBodyOfARefusedRequestIsNeverReadAsARequest() {
        String smuggled = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";
        try (RawHttp http = connect()) {
            http.send(
                    "POST /x HTTP/1.1\r\nHost: closed.localhost\r\nContent-Length: " + smuggled.length() + "\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(403);
            http.send(smuggled + "GET /honest HTTP/1.1\r\n" + HOST + "\r\n");
            http.tryResponse();
        }
        assertThat(origin.drain()).noneMatch(request -> request.target().equals("/smuggled"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed.localhost", "nobody.localhost"})
    void theAnswerToABodyThatIsStillComingReachesWhoSendsItWholeFirst(String host) throws IOException {
        byte[] body = new byte[3 << 20];
        for (String connection : List.of("keep-alive", "close")) {
            try (RawHttp http = connect()) {
                http.insist(("POST /x HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + body.length
                                        + "\r\nConnection: " + connection + "\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1))
                        .insist(body);
                assertThat(http.response().status()).as(connection).isIn(403, 404);
                if (connection.equals("close")) {
                    assertThat(http.isClosedByPeer()).isTrue();
                }
            }
        }
        assertNothingArrived("refused bodies");
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "keep-alive"})
    void rp11_whoHasItsAnswerAndSendsOnAndOnIsCutOff(String connection) {
        byte[] piece = new byte[1 << 20];
        assertThatThrownBy(() -> {
                    try (RawHttp http = connect()) {
                        http.send("POST /x HTTP/1.1\r\nHost: closed.localhost\r\nContent-Length: 2000000000\r\n"
                                + "Connection: " + connection + "\r\n\r\n");
                        for (int i = 0; i < 200; i++) {
                            http.insist(piece);
                        }
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void rp11_aRefusedBodyThatEndsLeavesTheConnectionToTheNextRequest() throws IOException {
        byte[] body = new byte[3 << 20];
        try (RawHttp http = connect()) {
            http.send("POST /x HTTP/1.1\r\nHost: closed.localhost\r\nContent-Length: " + body.length + "\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(403);
            http.insist(body).send("GET /next HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(http.response().status()).isEqualTo(200);
        }
        assertThat(origin.drain()).anyMatch(request -> request.target().equals("/next"));
    }

    @Test
    void rp12_otherExpectationsAre417() {
        RawHttp.Response response = exchange("GET / HTTP/1.1\r\n" + HOST + "Expect: the-unexpected\r\n\r\n");
        assertThat(response.status()).isEqualTo(417);
    }

    @Test
    void rp12_expectContinueIsAnsweredByTheEdge() {
        try (RawHttp http = connect()) {
            http.send("POST /x HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(100);
            assertThat(http.send("hello").response().status()).isEqualTo(200);
        }
        assertThat(origin.take().text()).isEqualTo("hello");
    }

    @Test
    void rp13_unaskedBytesFromAnOriginAreGivenToNobody() {
        origin.answer(request -> request.target().equals("/extra"), (request, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                            + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return true;
        });
        for (int i = 0; i < 5; i++) {
            assertThat(exchange("GET /extra HTTP/1.1\r\n" + HOST + "\r\n").text())
                    .isEqualTo("ok");
            assertThat(exchange("GET /mine HTTP/1.1\r\n" + HOST + "\r\n").text())
                    .contains("/mine");
        }
    }

    static Stream<String> malformedAnswers() {
        return Stream.of(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 99 OK\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
                "garbage\r\n\r\n",
                "");
    }

    @ParameterizedTest
    @MethodSource("malformedAnswers")
    void rp14_malformedAnswersBecome502(String answer) {
        origin.answerRaw("/malformed", answer);
        RawHttp.Response response = exchange("GET /malformed HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.text()).doesNotContain("garbage");
    }

    @Test
    void rp19_h2cIsNeverSwitchedToNorForwarded() {
        try (RawHttp http = connect()) {
            http.send(
                    "GET / HTTP/1.1\r\n" + HOST
                            + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
            assertThat(http.response().status()).isEqualTo(200);
        }
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.all("upgrade")).isEmpty();
        assertThat(got.all("http2-settings")).isEmpty();
    }

    @Test
    void rp20_traceAndConnectAreRefusedAndOptionsOfTheServerIsAnsweredHere() {
        assertThat(exchange("TRACE / HTTP/1.1\r\n" + HOST + "\r\n").status()).isEqualTo(405);
        assertThat(exchange("CONNECT wiki.localhost:443 HTTP/1.1\r\n" + HOST + "\r\n")
                        .status())
                .isEqualTo(405);
        assertThat(exchange("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n").status()).isIn(200, 204);
        assertNothingArrived("TRACE, CONNECT, OPTIONS *");
    }

    @Test
    void rp21_eachRequestOnAConnectionIsDecidedAlone() {
        try (RawHttp http = connect()) {
            assertThat(http.send("GET /1 HTTP/1.1\r\n" + HOST + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(http.send("GET /2 HTTP/1.1\r\nHost: closed.localhost\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(403);
            assertThat(http.send("GET /3 HTTP/1.1\r\n" + HOST + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
        assertThat(origin.drain()).extracting(RecordingOrigin.Recorded::target).containsExactly("/1", "/3");
    }

    @Test
    void rp21_pipelinedRequestsAreAnsweredInOrder() {
        try (RawHttp http = connect()) {
            http.send("GET /1 HTTP/1.1\r\n" + HOST + "\r\nGET /2 HTTP/1.1\r\nHost: closed.localhost\r\n\r\n"
                    + "GET /3 HTTP/1.1\r\n" + HOST + "\r\nGET  bad HTTP/1.1\r\n\r\n");
            assertThat(http.response().text()).contains("/1");
            assertThat(http.response().status()).isEqualTo(403);
            assertThat(http.response().text()).contains("/3");
            assertThat(http.response().status()).isEqualTo(400);
            assertThat(http.isClosedByPeer()).isTrue();
        }
    }

    /** HTTP Garden style: seeds with bytes inserted, removed, doubled and swapped; the origin's strict reader is the judge. */
    @Test
    void rp22_noMutationMakesTheOriginSeeAnythingButAdmittedRequests() {
        long seed = Long.getLong("sallyport.test.seed", System.nanoTime());
        System.out.println("RP-22 seed " + seed);
        Random random = new Random(seed);
        List<String> seeds = List.of(
                "POST /ok HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nhello",
                "POST /ok HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "GET /ok HTTP/1.1\r\n" + HOST + "X-A: b\r\n\r\n",
                "GET /ok HTTP/1.1\r\n" + HOST + "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n");
        String[] bits = {
            "\r",
            "\n",
            "\r\n",
            "\u0000",
            " ",
            "\t",
            ":",
            ";",
            "\u000b",
            "\u00ff",
            "chunked",
            "0",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Host: closed.localhost\r\n",
            "GET /secret HTTP/1.1\r\nHost: closed.localhost\r\n\r\n"
        };
        for (int i = 0; i < 1_500; i++) {
            String mutant = mutate(seeds.get(random.nextInt(seeds.size())), bits, random);
            try (RawHttp http = connect()) {
                http.send(mutant + NO_REQUEST);
                if (!endsBy(http, Duration.ofMillis(500))) {
                    http.finish().readToEnd();
                }
            }
        }
        List<RecordingOrigin.Recorded> got = origin.drain();
        assertThat(origin.violations().stream().filter(v -> !v.startsWith("cut off")))
                .isEmpty();
        assertThat(got).hasSizeGreaterThan(100).allSatisfy(request -> {
            assertThat(request.target()).doesNotStartWith("/secret");
            assertThat(request.only("host")).startsWith("wiki.localhost");
        });
    }

    private static boolean endsBy(RawHttp http, Duration patience) {
        try {
            http.patient(patience).readToEnd();
            return true;
        } catch (AssertionError stillOpen) {
            return false;
        }
    }

    private static String mutate(String seed, String[] bits, Random random) {
        StringBuilder mutant = new StringBuilder(seed);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(mutant.length());
            switch (random.nextInt(4)) {
                case 0 -> mutant.insert(at, bits[random.nextInt(bits.length)]);
                case 1 -> mutant.deleteCharAt(at);
                case 2 -> mutant.insert(at, mutant.charAt(at));
                default -> mutant.setCharAt(at, (char) random.nextInt(256));
            }
        }
        return mutant.toString();
    }

    /** A later request gets through, and it is the first the origin sees. */
    private static void assertNothingArrived(String after) {
        exchange("GET /sentinel HTTP/1.1\r\n" + HOST + "\r\n");
        List<String> seen = new ArrayList<>();
        origin.drain().forEach(request -> seen.add(request.target()));
        assertThat(seen).as("after %s", after).containsExactly("/sentinel");
        assertThat(origin.violations().stream().filter(v -> !v.startsWith("cut off")))
                .isEmpty();
    }
}
