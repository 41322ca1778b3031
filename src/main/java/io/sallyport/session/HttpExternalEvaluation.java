package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.token.EvaluationVerifier;
import io.sallyport.token.EvaluationVerifier.Verdict;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Speaks the external evaluation protocol: posts {@code {"token": …}} signed by us with the identity,
 * a nonce and the request's context; takes {@code {"token": …}} signed by the evaluator.
 */
final class HttpExternalEvaluation implements ExternalEvaluation {
    private static final Logger LOG = LoggerFactory.getLogger(HttpExternalEvaluation.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration QUESTION_LIVES = Duration.ofSeconds(60);

    private final OutboundExchange http;
    private final PublishedKeys keys;
    private final InstantSource clock;

    HttpExternalEvaluation(OutboundExchange http, InstantSource clock) {
        this.http = http;
        this.clock = clock;
        this.keys = new PublishedKeys(http);
    }

    @Override
    public Truth ask(Selector.ExternalEvaluation evaluator, Question question) {
        try {
            return truth(evaluator, question);
        } catch (IOException | RuntimeException e) {
            // Only the host: the rest of the URL may contain a key, and a parser's message parts of the answer.
            LOG.warn(
                    "external evaluation at {} is undecided: {}",
                    evaluator.evaluateUrl().getHost(),
                    e instanceof IOException ? e.getMessage() : e.getClass().getSimpleName());
            return Truth.UNDECIDED;
        }
    }

    private Truth truth(Selector.ExternalEvaluation evaluator, Question question) throws IOException {
        String nonce = SessionCookie.randomValue();
        String answer = token(http.postJson(
                evaluator.evaluateUrl(), JSON.writeValueAsString(Map.of("token", sign(question, nonce)))));
        // The answer may have taken seconds, so its times are compared with the time now.
        Instant now = clock.instant();
        Verdict verdict = EvaluationVerifier.verify(keys.current(evaluator.keysUrl(), now), answer, nonce, now);
        if (verdict == Verdict.UNKNOWN_KEY) {
            verdict = keys.newer(evaluator.keysUrl(), now)
                    .map(newer -> EvaluationVerifier.verify(newer, answer, nonce, now))
                    .orElse(verdict);
        }
        return switch (verdict) {
            case TRUE -> Truth.TRUE;
            case FALSE -> Truth.FALSE;
            case UNKNOWN_KEY -> throw new IOException("its answer is signed by a key it does not publish");
            case INVALID -> throw new IOException("its answer does not verify");
        };
    }

    private static String sign(Question question, String nonce) {
        Map<String, Object> application = new LinkedHashMap<>();
        application.put("id", question.application().id().toString());
        application.put("name", question.application().name());
        application.put("domain", question.application().domain());
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("application", application);
        context.put("ip", question.anonymous().client().getHostAddress());
        context.put(
                "country",
                question.anonymous().country() == null
                        ? ""
                        : question.anonymous().country());
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("identity", identity(question));
        payload.put("nonce", nonce);
        payload.put("request", context);
        return TokenIssuer.sign(
                question.snapshot().keys(),
                question.snapshot().settings().issuer(),
                new TokenClaims.Evaluation(
                        payload, question.now(), question.now().plus(QUESTION_LIVES)));
    }

    /** The members are always present, possibly empty. */
    private static Map<String, Object> identity(Question question) {
        Identity identity = question.identity();
        String account = question.snapshot().settings().accountId();
        Map<String, Object> json = IdentityObject.of(identity, account, identity.authenticatedAt(), null);
        json.putIfAbsent("name", "");
        json.putIfAbsent("geo", Map.of());
        return json;
    }

    private static String token(String body) throws IOException {
        JsonNode token = JSON.readTree(body).path("token");
        if (!token.isString()) {
            throw new IOException("its answer holds no token");
        }
        return token.asString();
    }
}
