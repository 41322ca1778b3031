package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RawHttp2.Outcome;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Calls of gRPC through the gate, and what else may stand behind an answer (RP-06). */
class TrailersIT {
    private static final TestAuthority AUTHORITY = new TestAuthority("Test CA");
    private static final BlockingQueue<Map<String, String>> CALLS = new LinkedBlockingQueue<>();

    private static Edge edge;
    private static RecordingOrigin plain;
    private static DisposableServer clear;
    private static DisposableServer secure;

    @BeforeAll
    static void start() {
        plain = RecordingOrigin.start();
        clear = HttpServer.create()
                .host("127.0.0.1")
                .protocol(HttpProtocol.H2C)
                .handle(TrailersIT::echo)
                .bindNow();
        TestAuthority.Issued shown = AUTHORITY.issue("127.0.0.1");
        secure = HttpServer.create()
                .host("127.0.0.1")
                .protocol(HttpProtocol.H2)
                .secure(spec -> spec.sslContext(reactor.netty.http.Http2SslContextSpec.forServer(
                        shown.keys().getPrivate(), shown.certificate())))
                .handle(TrailersIT::echo)
                .bindNow();
        edge = Edge.start("sallyport.tls.self-signed=true", "sallyport.https.port=0")
                .origin("plain.localhost", plain)
                .origin("clear.localhost", origin("http", clear))
                .origin("secure.localhost", origin("https", secure))
                .application("plain.localhost", Edge.bypass())
                .application("clear.localhost", Edge.bypass())
                .application("secure.localhost", Edge.bypass())
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        plain.close();
        clear.disposeNow();
        secure.disposeNow();
    }

    private static Upstream.Direct origin(String scheme, DisposableServer server) {
        return new Upstream.Direct(
                URI.create(scheme + "://127.0.0.1:" + server.port()),
                null,
                Duration.ofSeconds(2),
                false,
                null,
                AUTHORITY.pem(),
                true);
    }

    /** A streaming call: each message comes back at once, the status at the end. */
    private static Mono<Void> echo(HttpServerRequest request, HttpServerResponse response) {
        CALLS.add(Map.of(
                "version", request.version().text(),
                "te", String.valueOf(request.requestHeaders().get("te")),
                "path", request.fullPath()));
        return response.header("content-type", "application/grpc")
                .header("trailer", "grpc-status, grpc-message, cf-ray, authorization")
                .trailerHeaders(trailers -> trailers.set("grpc-status", "5")
                        .set("grpc-message", "not found")
                        .set("cf-ray", "forged"))
                .send(request.receive().retain(), piece -> true)
                .then();
    }

    @BeforeEach
    void forget() {
        CALLS.clear();
    }

    private static String[] call(String host, boolean trailers) {
        List<String> fields = new ArrayList<>(List.of(
                ":method",
                "POST",
                ":scheme",
                "https",
                ":authority",
                host,
                ":path",
                "/pkg.Service/Method",
                "content-type",
                "application/grpc"));
        if (trailers) {
            fields.addAll(List.of("te", "trailers"));
        }
        return fields.toArray(String[]::new);
    }

    private static byte[] message(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clear.localhost", "secure.localhost"})
    void aCallOfGrpcStreamsBothWaysAndEndsWithItsStatus(String host) throws InterruptedException {
        for (boolean tls : new boolean[] {false, true}) {
            try (RawHttp2 http = tls ? RawHttp2.secure(edge.httpsPort()) : RawHttp2.connect(edge.port())) {
                http.request(1, false, call(host, true)).data(1, false, message("one "));
                assertThat(firstData(http)).as("before the request is over").isEqualTo("one ");
                http.data(1, true, message("two"));
                assertThat(http.outcome(1)).isInstanceOfSatisfying(Outcome.Answered.class, answer -> {
                    assertThat(answer.body()).isEqualTo("two");
                    assertThat(answer.trailers())
                            .containsEntry("grpc-status", "5")
                            .containsEntry("grpc-message", "not found")
                            .doesNotContainKey("cf-ray");
                });
            }
            assertThat(CALLS.poll(30, TimeUnit.SECONDS))
                    .containsEntry("version", "HTTP/2.0")
                    .containsEntry("te", "trailers")
                    .containsEntry("path", "/pkg.Service/Method");
        }
    }

    private static String firstData(RawHttp2 http) {
        for (RawHttp2.Frame frame = http.next(); frame != null; frame = http.next()) {
            if (frame.type() == RawHttp2.DATA && frame.payload().length > 0) {
                return new String(frame.payload(), StandardCharsets.US_ASCII);
            }
        }
        throw new AssertionError("closed without an answer");
    }

    @Test
    void whoDoesNotAskForTrailersGetsNone() throws InterruptedException {
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.request(1, false, call("clear.localhost", false)).data(1, true, message("x"));
            assertThat(http.outcome(1))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answer -> assertThat(answer.trailers()).isEmpty());
        }
        assertThat(CALLS.poll(30, TimeUnit.SECONDS)).containsEntry("te", "null");
    }

    /** What a visitor sees of the answer: of each frame whether it is the end, and of the last block the status of the call. */
    private static List<String> framesOf(RawHttp2 http) {
        List<String> frames = new ArrayList<>();
        for (RawHttp2.Frame frame = http.next(); frame != null; frame = http.next()) {
            boolean isAnswer =
                    frame.stream() == 1 && (frame.type() == RawHttp2.HEADERS || frame.type() == RawHttp2.DATA);
            if (!isAnswer) {
                continue;
            }
            boolean isEnd = (frame.flags() & RawHttp2.END_STREAM) != 0;
            frames.add((frame.type() == RawHttp2.HEADERS ? "HEADERS" : "DATA") + (isEnd ? " END" : ""));
            if (isEnd) {
                return frames;
            }
        }
        throw new AssertionError("closed without an answer");
    }

    @Test
    void aCallThatFailsAtOnceEndsWithItsHead() {
        plain.answerRaw(
                "/pkg.Service/Method",
                "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\ngrpc-status: 12\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "0\r\n\r\n");
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.request(1, false, call("plain.localhost", true)).data(1, true, message("x"));
            assertThat(framesOf(http)).containsExactly("HEADERS END");
        }
    }

    @Test
    void aStatusInTheHeadTakesNothingAwayFromWhatFollows() {
        plain.answerRaw(
                "/pkg.Service/Method",
                "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\ngrpc-status: 0\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\none\r\n3\r\ntwo\r\n0\r\nx-checksum: abc\r\n\r\n");
        try (RawHttp2 http = RawHttp2.connect(edge.port())) {
            http.request(1, false, call("plain.localhost", true)).data(1, true, message("x"));
            assertThat(http.outcome(1)).isInstanceOfSatisfying(Outcome.Answered.class, answer -> {
                assertThat(answer.fields()).containsEntry("grpc-status", "0");
                assertThat(answer.body()).isEqualTo("onetwo");
                assertThat(answer.trailers()).containsEntry("x-checksum", "abc");
            });
        }
    }

    private static String trailersOver(String te, String trailers) {
        plain.answerRaw(
                "/trailers",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" + trailers + "\r\n");
        try (RawHttp http = RawHttp.connect(edge.port())) {
            http.send("GET /trailers HTTP/1.1\r\nHost: plain.localhost\r\nConnection: close, TE\r\n" + te + "\r\n");
            String all = new String(http.readToEnd(), StandardCharsets.ISO_8859_1);
            assertThat(all).contains("hello");
            return all.substring(all.indexOf("hello"));
        }
    }

    @Test
    void rp06_trailersOfHttp1PassToThoseWhoTakeThem() {
        assertThat(trailersOver("TE: trailers\r\n", "Server-Timing: a;dur=1\r\nX-Checksum: abc\r\n"))
                .containsIgnoringCase("0\r\nserver-timing: a;dur=1\r\nx-checksum: abc\r\n\r\n");
        assertThat(trailersOver("", "X-Checksum: abc\r\n")).doesNotContainIgnoringCase("x-checksum");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Set-Cookie: CF_Authorization=x",
                "Content-Length: 5",
                "Transfer-Encoding: chunked",
                "Host: evil",
                "Authorization: x",
                "WWW-Authenticate: Basic",
                "Location: https://evil.example",
                "Connection: x-a",
                "Trailer: x",
                "Cf-Access-Jwt-Assertion: x",
                "Cf_Ray: x",
                "X-Forwarded-For: 1.2.3.4",
                "Access-Control-Allow-Origin: *",
                "Cache-Control: public",
                "Content-Type: text/html",
                "Strict-Transport-Security: max-age=0",
                "Clear-Site-Data: \"*\""
            })
    void rp06_trailersThatMeanSomethingAboutTheMessageNeverPass(String trailer) {
        assertThat(trailersOver("TE: trailers\r\n", trailer + "\r\nX-Checksum: abc\r\n"))
                .containsIgnoringCase("x-checksum")
                .doesNotContainIgnoringCase(trailer.substring(0, trailer.indexOf(':')));
    }

    @Test
    void do03_aLargeBodyOnAMethodThatHasNoneIsRefused() {
        for (String method : List.of("GET", "DELETE")) {
            String head = method + " /x HTTP/1.1\r\nHost: plain.localhost\r\nContent-Length: ";
            assertThat(RawHttp.exchange(edge.port(), head + "60000\r\n\r\n" + "a".repeat(60_000))
                            .status())
                    .isEqualTo(200);
            assertThat(plain.take().body()).hasSize(60_000);
            assertThat(RawHttp.exchange(edge.port(), head + "70000\r\n\r\n" + "a".repeat(70_000))
                            .status())
                    .isEqualTo(413);
        }
        assertThat(plain.drain()).isEmpty();
    }
}
