package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.http.OutboundRules;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.token.TokenVerifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The external evaluation protocol over real sockets, with an evaluator that can misbehave. */
class HttpExternalEvaluationIT {
    private static final OutboundRules LOOPBACK = OutboundRules.of(List.of("127.0.0.1"));

    private static RSAKey key;
    private static RSAKey otherKey;

    private final World world = new World();
    private final AtomicReference<Instant> now = new AtomicReference<>(World.NOW);
    private final AtomicReference<RSAKey> published = new AtomicReference<>(key);
    private final AtomicInteger keyFetches = new AtomicInteger();
    private final AtomicReference<String> question = new AtomicReference<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private HttpExternalEvaluation evaluation;

    @BeforeAll
    static void makeKeys() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        otherKey = new RSAKeyGenerator(2048).keyID("k2").generate();
    }

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/keys", exchange -> {
            keyFetches.incrementAndGet();
            answer(exchange, 200, new JWKSet(published.get().toPublicJWK()).toString());
        });
        server.start();
        evaluation = evaluation(LOOPBACK, Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    @Test
    void askWhenTheEvaluatorAnswersThenItsSignedWordCounts() {
        evaluator(key, claims -> claims.put("success", true));
        assertThat(ask()).isEqualTo(Truth.TRUE);

        server.removeContext("/ask");
        evaluator(key, claims -> claims.put("success", false));
        assertThat(ask()).isEqualTo(Truth.FALSE);
        assertThat(keyFetches).as("keys are kept").hasValue(1);
    }

    @Test
    void askWhenAskedThenTheQuestionIsSignedByUsAndHoldsTheIdentity() throws Exception {
        evaluator(key, claims -> claims.put("success", true));
        ask();

        String token = (String) JSONObjectUtils.parse(question.get()).get("token");
        assertThat(TokenVerifier.verify(world.keys, World.ISSUER, token, World.NOW))
                .isInstanceOf(TokenVerifier.Verification.Verified.class);
        Map<String, Object> payload = JWSObject.parse(token).getPayload().toJSONObject();
        assertThat(payload).containsKeys("nonce", "iat", "exp", "request");
        assertThat((Map<?, ?>) payload.get("identity")).extracting("email").isEqualTo("ada@example.com");
    }

    @Test
    @DisplayName("FC-05 wrongly signed, expired, other nonce, not success: true, no token, an error: undecided")
    void askWhenTheAnswerIsNotGoodThenUndecided() {
        for (Change change : List.<Change>of(
                claims -> {},
                claims -> claims.put("success", "true"),
                claims -> claims.putAll(Map.of("success", true, "exp", World.NOW.getEpochSecond())),
                claims -> claims.putAll(Map.of("success", true, "nonce", "another")))) {
            evaluator(key, change);
            assertThat(ask()).isEqualTo(Truth.UNDECIDED);
            server.removeContext("/ask");
        }
        RSAKey forger = new RSAKey.Builder(otherKey).keyID("k1").build();
        evaluator(forger, claims -> claims.put("success", true));
        assertThat(ask()).isEqualTo(Truth.UNDECIDED);
        server.removeContext("/ask");
        for (String body : List.of("", "{}", "[]", "{\"token\":7}", "{\"token\":\"junk\"}", "<html>")) {
            assertThat(raw(exchange -> answer(exchange, 200, body))).as(body).isEqualTo(Truth.UNDECIDED);
        }
        assertThat(raw(exchange -> answer(exchange, 500, "{}"))).isEqualTo(Truth.UNDECIDED);
    }

    @Test
    @DisplayName("FC-05 an evaluator that does not answer in time is undecided, and nobody waits for it")
    void askWhenTheEvaluatorHangsThenUndecidedInTime() {
        evaluation = evaluation(LOOPBACK, Duration.ofSeconds(1));
        long began = System.nanoTime();

        assertThat(raw(exchange -> waitForTheEnd())).isEqualTo(Truth.UNDECIDED);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    @DisplayName("FC-05 an answer that never ends or is too large is undecided")
    void askWhenTheBodyIsEndlessThenUndecided() {
        evaluation = evaluation(LOOPBACK, Duration.ofSeconds(1));
        assertThat(raw(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    waitForTheEnd();
                }))
                .isEqualTo(Truth.UNDECIDED);
        evaluation = evaluation(LOOPBACK, Duration.ofSeconds(20));
        assertThat(raw(exchange -> answer(exchange, 200, "{\"token\":\"" + "x".repeat(300_000) + "\"}")))
                .isEqualTo(Truth.UNDECIDED);
    }

    @Test
    @DisplayName("OI-08 redirects are not followed, and private addresses need the operator's word")
    void askWhenTheTargetIsElsewhereThenUndecided() {
        AtomicInteger reached = new AtomicInteger();
        server.createContext("/inside", exchange -> {
            reached.incrementAndGet();
            answer(exchange, 200, "{}");
        });
        assertThat(raw(exchange -> {
                    exchange.getResponseHeaders().set("Location", url("/inside").toString());
                    exchange.sendResponseHeaders(307, -1);
                    exchange.close();
                }))
                .isEqualTo(Truth.UNDECIDED);
        HttpExternalEvaluation strict = evaluation(OutboundRules.of(List.of()), Duration.ofSeconds(20));
        server.createContext("/ask", exchange -> {
            reached.incrementAndGet();
            answer(exchange, 200, "{}");
        });
        assertThat(strict.ask(selector(), asked())).isEqualTo(Truth.UNDECIDED);
        assertThat(reached).hasValue(0);
    }

    @Test
    @DisplayName("OI-08 a name is resolved once for a call: the address that was judged is the one that is dialled")
    void getWhenTheNameServerChangesItsAnswerThenOnlyTheJudgedAddressIsDialled() throws Exception {
        AtomicInteger reached = new AtomicInteger();
        server.createContext("/told", exchange -> {
            reached.incrementAndGet();
            answer(exchange, 200, exchange.getRequestHeaders().getFirst("Host"));
        });
        int port = server.getAddress().getPort();
        AtomicInteger asked = new AtomicInteger();
        OutboundExchange http = new OutboundExchange(
                OutboundRules.of(List.of("127.0.0.1")), Duration.ofSeconds(3), host -> new InetAddress[] {
                    InetAddress.ofLiteral(asked.getAndIncrement() == 0 ? "127.0.0.1" : "10.255.255.1")
                });
        URI told = URI.create("http://rebound.localhost:" + port + "/told");

        assertThat(http.get(told)).isEqualTo("rebound.localhost:" + port);
        assertThat(asked).as("asked once for check and connection").hasValue(1);
        assertThatThrownBy(() -> http.get(told)).hasMessageContaining("does not resolve to a public address");
        assertThat(asked).hasValue(2);
        assertThat(reached).hasValue(1);
    }

    @Test
    @DisplayName("OI-07 an unknown key is looked for once in thirty seconds; the last good keys serve a day")
    void askWhenKeysRotateThenFetchedAgainButNotTooOften() {
        evaluator(key, claims -> claims.put("success", true));
        assertThat(ask()).isEqualTo(Truth.TRUE);
        server.removeContext("/ask");
        published.set(otherKey);
        evaluator(otherKey, claims -> claims.put("success", true));
        assertThat(ask()).as("keys may change right after a fetch").isEqualTo(Truth.TRUE);

        server.removeContext("/ask");
        published.set(key);
        evaluator(key, claims -> claims.put("success", true));
        assertThat(ask()).as("looked for an unknown key a moment ago").isEqualTo(Truth.UNDECIDED);
        now.set(World.NOW.plusSeconds(30));
        assertThat(ask()).isEqualTo(Truth.TRUE);
        assertThat(keyFetches).hasValue(3);

        server.removeContext("/keys");
        now.set(World.NOW.plus(Duration.ofHours(23)));
        assertThat(ask()).as("the endpoint is gone, its keys still serve").isEqualTo(Truth.TRUE);
        now.set(World.NOW.plus(Duration.ofHours(25)));
        assertThat(ask()).isEqualTo(Truth.UNDECIDED);
    }

    private interface Change {
        void to(Map<String, Object> claims);
    }

    private void evaluator(RSAKey signsWith, Change change) {
        server.createContext("/ask", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            question.set(body);
            answer(exchange, 200, "{\"token\":\"" + sign(signsWith, body, change) + "\"}");
        });
    }

    private String sign(RSAKey signsWith, String body, Change change) {
        try {
            Map<String, Object> asked = JWSObject.parse(
                            (String) JSONObjectUtils.parse(body).get("token"))
                    .getPayload()
                    .toJSONObject();
            Map<String, Object> claims = new LinkedHashMap<>();
            claims.put("nonce", asked.get("nonce"));
            claims.put("exp", now.get().getEpochSecond() + 60);
            change.to(claims);
            JWSObject token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(signsWith.getKeyID())
                            .build(),
                    new Payload(claims));
            token.sign(new RSASSASigner(signsWith));
            return token.serialize();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Truth raw(HttpHandler handler) {
        server.createContext("/ask", exchange -> {
            exchange.getRequestBody().readAllBytes();
            handler.handle(exchange);
        });
        try {
            return ask();
        } finally {
            server.removeContext("/ask");
        }
    }

    private void waitForTheEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Truth ask() {
        return evaluation.ask(selector(), asked());
    }

    private ExternalEvaluation.Question asked() {
        return new ExternalEvaluation.Question(
                world.snapshot(), world.application(), World.ada(), World.anonymous(), now.get());
    }

    private Selector.ExternalEvaluation selector() {
        return new Selector.ExternalEvaluation(url("/ask"), url("/keys"));
    }

    private URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private HttpExternalEvaluation evaluation(OutboundRules rules, Duration patience) {
        return new HttpExternalEvaluation(new OutboundExchange(rules, patience), now::get);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
