package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import io.sallyport.snapshot.Application;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/** CORS, limits, failures, re-issue and streaming: the edge's rules beyond parsing and headers. */
class EdgeRulesIT {
    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start("sallyport.tls.self-signed=true", "sallyport.https.port=0");
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    @BeforeEach
    void world() {
        origin.drain();
        edge.origin("app.localhost", origin)
                .origin("open.localhost", origin)
                .origin("nowhere.localhost", Edge.direct(URI.create("http://127.0.0.1:1")))
                .application("app.localhost", Edge.staff())
                .application("open.localhost", Edge.bypass())
                .application("nowhere.localhost", Edge.bypass())
                .publish();
    }

    private static RawHttp.Response send(String request) {
        return RawHttp.exchange(edge.port(), request);
    }

    private static String preflight(String from) {
        return "OPTIONS /x HTTP/1.1\r\nHost: app.localhost\r\nOrigin: " + from
                + "\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n\r\n";
    }

    private static Application with(Application a, Application.CorsSettings cors, boolean optionsBypass) {
        return new Application(
                a.id(),
                a.audience(),
                a.type(),
                a.name(),
                a.domain(),
                a.patterns(),
                a.publicOverrides(),
                a.policy(),
                a.sessionDuration(),
                a.allowedIdps(),
                a.autoRedirectToIdentity(),
                a.cookies(),
                cors,
                optionsBypass,
                a.serviceAuth401Redirect(),
                a.skipInterstitial(),
                a.serviceTokenHeader(),
                a.deny(),
                a.logoUrl(),
                a.appLauncherVisible(),
                a.tags(),
                a.launcher(),
                a.passes(),
                a.strictlyFresh(),
                a.loginPage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Original-URL: /open",
                "X-Rewrite-URL: /open",
                "X-Forwarded-Uri: /open",
                "X-Forwarded-Host: open.localhost",
                "X-HTTP-Method-Override: OPTIONS",
                "X-Method-Override: OPTIONS",
                "User-Agent: kube-probe/1.33",
                "User-Agent: GoogleHC/1.0",
                "X-Health-Check: 1"
            })
    void pn14_noDecisionReadsWhatAClientSaysOfTheRequest(String field) {
        RawHttp.Response response = send("GET /x HTTP/1.1\r\nHost: app.localhost\r\n" + field + "\r\n\r\n");
        assertThat(response.status()).as("the way to the login").isEqualTo(302);
        assertThat(response.first("location"))
                .contains("/cdn-cgi/access/login/app.localhost")
                .contains("redirect_url=%2Fx");
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void co01_aPreflightWithoutSettingsIs403() {
        assertThat(send(preflight("https://a.example")).status()).isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void co01_theGateAnswersPreflightsFromTheSettings() {
        edge.application(
                        "app.localhost",
                        Edge.staff(),
                        a -> with(
                                a,
                                new Application.CorsSettings(
                                        false,
                                        List.of("https://a.example"),
                                        false,
                                        List.of("PUT"),
                                        true,
                                        List.of(),
                                        true,
                                        60),
                                false))
                .publish();
        RawHttp.Response good = send(preflight("https://a.example"));
        assertThat(good.status()).isEqualTo(200);
        assertThat(good.first("access-control-allow-origin")).isEqualTo("https://a.example");
        assertThat(good.first("access-control-allow-credentials")).isEqualTo("true");
        assertThat(good.first("access-control-allow-methods")).isEqualTo("PUT");
        assertThat(good.first("access-control-allow-headers")).isEqualTo("x-a");
        assertThat(good.first("access-control-max-age")).isEqualTo("60");
        assertThat(String.join(",", good.all("vary"))).contains("Origin").contains("Access-Control-Request-Method");
        for (String foreign : List.of("null", "https://a.example.evil", "https://b.example", "http://a.example")) {
            assertThat(send(preflight(foreign)).all("access-control-allow-origin"))
                    .as(foreign)
                    .isEmpty();
        }
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void co01_optionsBypassPassesPreflightsWithoutCookiesAndIdentity() {
        edge.application("app.localhost", Edge.staff(), a -> with(a, null, true))
                .publish();
        String token = edge.signIn("app.localhost", "alice@example.com");
        RawHttp.Response answer = send(preflight("https://a.example")
                .replace("\r\n\r\n", "\r\nCookie: CF_Authorization=" + token + "\r\nAuthorization: x\r\n\r\n"));
        assertThat(answer.status()).isEqualTo(200);
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.method()).isEqualTo("OPTIONS");
        assertThat(got.all("cookie")).isEmpty();
        assertThat(got.all("authorization")).isEmpty();
        assertThat(got.all("cf-access-jwt-assertion")).isEmpty();
        assertThat(send("OPTIONS /x HTTP/1.1\r\nHost: app.localhost\r\nAccept: text/html\r\n\r\n")
                        .status())
                .as("CO-02: no preflight, no bypass")
                .isEqualTo(302);
        for (String body :
                List.of("Content-Length: 4\r\n\r\nbody", "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")) {
            assertThat(send(preflight("https://a.example")
                                    .replace("\r\n\r\n", "\r\nX-HTTP-Method-Override: POST\r\n" + body))
                            .status())
                    .as("CO-01: nothing with a body passes")
                    .isIn(302, 401);
        }
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void do01_limitsBeforeLogin() {
        String host = "Host: open.localhost\r\n";
        assertThat(send("GET /x HTTP/1.1\r\n" + host + "X: " + "a".repeat(33 * 1024) + "\r\n\r\n")
                        .status())
                .isEqualTo(431);
        assertThat(send("GET /" + "a".repeat(16 * 1024) + " HTTP/1.1\r\n" + host + "\r\n")
                        .status())
                .isEqualTo(414);
        assertThat(send("GET /" + "a".repeat(40 * 1024) + " HTTP/1.1\r\n" + host + "\r\n")
                        .status())
                .isEqualTo(414);
        assertThat(send("GET /x HTTP/1.1\r\n" + host + "X: a\r\n".repeat(200) + "\r\n")
                        .status())
                .isEqualTo(431);
        assertThat(origin.drain()).isEmpty();
        assertThat(send("GET /" + "a".repeat(15 * 1024) + " HTTP/1.1\r\n" + host + "X: a\r\n".repeat(150) + "\r\n")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void fc04_aBugInTheDecisionIs500AndForwardsNothing() {
        CompiledPolicy broken = null;
        edge.application(
                        "app.localhost",
                        Edge.staff(),
                        a -> new Application(
                                a.id(),
                                a.audience(),
                                a.type(),
                                a.name(),
                                a.domain(),
                                a.patterns(),
                                a.publicOverrides(),
                                broken,
                                a.sessionDuration(),
                                a.allowedIdps(),
                                false,
                                a.cookies(),
                                null,
                                false,
                                false,
                                false,
                                null,
                                a.deny(),
                                null,
                                true,
                                List.of(),
                                null,
                                null,
                                false,
                                null))
                .publish();
        RawHttp.Response answer = send("GET /x HTTP/1.1\r\nHost: app.localhost\r\n\r\n");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).doesNotContain("NullPointer").doesNotContain("at io.");
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void permitOnly_nothingThatForwardsWorksWithoutAnAdmission() {
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/"));
        assertThatThrownBy(() -> new AssertionFilter().filter(exchange, e -> Mono.error(new AssertionError("passed"))))
                .hasMessageContaining("admission");
        assertThatThrownBy(() -> new UpstreamFilter(null, null, null, null)
                        .filter(exchange, e -> Mono.error(new AssertionError("passed"))))
                .hasMessageContaining("admission");
    }

    @Test
    void r51_anUnreachableOriginIs502AndTellsNoInternals() {
        RawHttp.Response answer = send("GET /x HTTP/1.1\r\nHost: nowhere.localhost\r\nAccept: text/html\r\n\r\n");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text()).doesNotContain("127.0.0.1").doesNotContain("Exception");
        assertThat(answer.first("content-security-policy")).contains("default-src 'none'");
        assertThat(answer.first("cf-ray")).isNull();
    }

    @Test
    void r51_aTruncatedAnswerIsVisiblyTruncated() {
        cutOff("Content-Length: 100000", "only this");
        cutOff("Transfer-Encoding: chunked", "5\r\nhello\r\n");
    }

    /** The origin ends when the visitor has the beginning; before that, the gate could still say that it got nothing whole. */
    private static void cutOff(String framing, String beginning) {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        origin.answer(request -> request.target().equals("/cut"), (request, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + beginning).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            seen.join();
            return false;
        });
        try (RawHttp http = RawHttp.connect(edge.port()).send("GET /cut HTTP/1.1\r\nHost: open.localhost\r\n\r\n")) {
            assertThat(http.head().status()).isEqualTo(200);
            assertThat(new String(http.read(beginning.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(beginning);
            seen.complete(null);
            assertThat(http.readToEnd()).as("a clean end would lie").isEmpty();
        } finally {
            seen.complete(null);
        }
    }

    @Test
    void issue2point5a_aTokenThatLacksANewFactIsReissuedQuietly() {
        String token = edge.signIn("app.localhost", "alice@example.com");
        edge.application("app.localhost", pinOnly()).publish();
        String request = "GET /x HTTP/1.1\r\nHost: app.localhost\r\nX-Requested-With: XMLHttpRequest\r\n"
                + "Cookie: CF_Authorization=" + token + "\r\n\r\n";
        RawHttp.Response answer = send(request);
        assertThat(answer.status()).as("no 401, no redirect: %s", answer.text()).isEqualTo(200);
        String cookie = String.valueOf(answer.first("set-cookie"));
        assertThat(cookie)
                .startsWith("CF_Authorization=ey")
                .contains("Expires=")
                .contains("HttpOnly");
        String fresh = cookie.substring("CF_Authorization=".length(), cookie.indexOf(';'));
        assertThat(origin.take().only("cf-access-jwt-assertion"))
                .isEqualTo(fresh)
                .isNotEqualTo(token);
        assertThat(send(request.replace(token, fresh)).all("set-cookie"))
                .as("fresh is fresh")
                .isEmpty();
        edge.ledger.identities.clear();
        edge.application("app.localhost", otpOnly()).publish();
        assertThat(send(request).status()).as("the stored identity is gone").isEqualTo(401);
    }

    private static CompiledPolicy pinOnly() {
        return compile(new Selector.LoginMethod(Edge.PIN));
    }

    private static CompiledPolicy otpOnly() {
        return compile(new Selector.AuthMethod("otp"));
    }

    private static CompiledPolicy compile(Selector require) {
        return PolicyCompiler.compile(
                List.of(new PolicySpec(
                        new PolicyId(UUID.randomUUID()),
                        "p",
                        PolicyAction.ALLOW,
                        List.of(new Selector.Everyone()),
                        List.of(),
                        List.of(require),
                        null)),
                new PolicyCompiler.References(Map.of(), Map.of(), Map.of()));
    }

    @Test
    void cs10_aPolicyChangeActsOnTheNextRequest() {
        String token = edge.signIn("app.localhost", "alice@example.com");
        String request = "GET /x HTTP/1.1\r\nHost: app.localhost\r\nCookie: CF_Authorization=" + token + "\r\n\r\n";
        assertThat(send(request).status()).isEqualTo(200);
        edge.application("app.localhost", Edge.policy(PolicyAction.ALLOW, new Selector.EmailDomain("other.example")))
                .publish();
        RawHttp.Response refused = send(request);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text()).contains("alice@example.com", "no_policy_matched", "ask your administrator");
    }

    @Test
    void eventsArriveAsTheyHappenWhateverTheirType() {
        origin.answer(request -> request.target().equals("/drip"), (request, in, out) -> {
            out.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            in.read();
            return false;
        });
        try (RawHttp http = RawHttp.connect(edge.port()).send("GET /drip HTTP/1.1\r\nHost: open.localhost\r\n\r\n")) {
            assertThat(http.head().status()).isEqualTo(200);
            assertThat(new String(http.read(6), StandardCharsets.US_ASCII)).isEqualTo("1\r\na\r\n");
        }
    }

    @Test
    void http2OnBothListenersCarriesLargeUploads() {
        byte[] piece = new byte[64 * 1024];
        for (HttpClient client : List.of(
                HttpClient.newConnection().protocol(HttpProtocol.H2C).port(edge.port()),
                HttpClient.newConnection()
                        .protocol(HttpProtocol.H2)
                        .port(edge.httpsPort())
                        .secure(spec -> spec.sslContext(reactor.netty.http.Http2SslContextSpec.forClient()
                                .configure(builder -> builder.trustManager(InsecureTrustManagerFactory.INSTANCE)))))) {
            Integer status = client.host("127.0.0.1")
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5_000)
                    .headers(headers -> headers.set("Host", "open.localhost"))
                    .post()
                    .uri("/upload")
                    .send(Flux.range(0, 400).map(i -> Unpooled.wrappedBuffer(piece)))
                    .responseSingle((response, body) ->
                            body.asString().thenReturn(response.status().code()))
                    .block(Duration.ofSeconds(60));
            assertThat(status).isEqualTo(200);
            assertThat(origin.take().body()).hasSize(400 * piece.length);
        }
        assertThat(origin.violations()).isEmpty();
    }
}
