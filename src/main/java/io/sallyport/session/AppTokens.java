package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.FactSet;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Subject;
import io.sallyport.policy.Truth;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides with a stored identity and issues the application token: at login, at silent sign-in over the team domain,
 * and when a token lacks a fact. Blocking, because external evaluators may have to be asked.
 */
public final class AppTokens {
    private static final Logger LOG = LoggerFactory.getLogger(AppTokens.class);

    /**
     * How long an evaluator's answer is kept: one login decides twice, on the team domain and on the application's
     * host, and should ask once.
     */
    private static final Duration ANSWER_KEPT = Duration.ofMinutes(1);

    private final ExternalEvaluation evaluation;
    private final Cache<Asked, Truth> answers = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(ANSWER_KEPT)
            .build();

    /** @param evaluation asked once for each evaluator the application's policies name */
    public AppTokens(ExternalEvaluation evaluation) {
        this.evaluation = evaluation;
    }

    private record Asked(IdentityNonce nonce, AppId application, Selector.ExternalEvaluation evaluator) {}

    /**
     * A decision with a stored identity.
     *
     * @param asked the request with the person as its subject
     */
    public record Judged(Decision decision, AccessRequest asked) {}

    /** The result of asking for a token. */
    public sealed interface Issued {
        /** The decision alone. */
        Judged judged();

        /** No policy admits the person. */
        record Refused(Judged judged) implements Issued {}

        /**
         * A signed token.
         *
         * @param asked the request with the person as its subject
         * @param session the token as {@link SessionReader} would read it back, so that a request can go on with it
         */
        record Token(Decision.Permit permit, AccessRequest asked, SessionState.Present session) implements Issued {
            @Override
            public Judged judged() {
                return new Judged(permit, asked);
            }

            /** The token itself. */
            public String compact() {
                return session.compact();
            }

            /** When the token expires. */
            public Instant expiresAt() {
                return session.claims().expiresAt();
            }

            /**
             * When its cookie expires; null for a session that "expires immediately", which gets a session cookie.
             */
            public @Nullable Instant cookieEnd(Application application) {
                boolean brief = permit.sessionDuration()
                        .orElse(application.sessionDuration())
                        .isZero();
                return brief ? null : expiresAt();
            }
        }
    }

    /**
     * Evaluates the application's policies for the person without issuing a token, for the team domain, which only
     * needs to know whether to redirect the browser to the application's host, where the token is issued.
     *
     * @param anonymous the request's network facts; its subject is replaced by the person
     */
    public Judged judge(
            Snapshot snapshot, Application application, Identity identity, AccessRequest anonymous, Instant now) {
        AccessRequest asked = speaking(identity, anonymous, facts(snapshot, application, identity, anonymous, now));
        return new Judged(application.policy().decide(asked), asked);
    }

    /**
     * Evaluates the application's policies for the person and signs a token when they admit.
     *
     * @param anonymous the request's network facts; its subject is replaced by the person
     * @param binding base64url SHA-256 of the CF_Binding value, null when the application does not use it
     */
    public Issued issue(
            Snapshot snapshot,
            Application application,
            Identity identity,
            AccessRequest anonymous,
            @Nullable String binding,
            Instant now) {
        return issue(snapshot, application, identity, anonymous, binding, Instant.MAX, now);
    }

    /**
     * Evaluates again and issues a token that replaces one that lacks a fact. It expires when that one would have, so
     * that changes of policies do not prolong sessions.
     */
    public Issued renew(
            Snapshot snapshot,
            Application application,
            Identity identity,
            AccessRequest anonymous,
            TokenClaims.App old,
            Instant now) {
        return issue(snapshot, application, identity, anonymous, old.binding(), old.expiresAt(), now);
    }

    private Issued issue(
            Snapshot snapshot,
            Application application,
            Identity identity,
            AccessRequest anonymous,
            @Nullable String binding,
            Instant latest,
            Instant now) {
        FactSet.Captured facts = facts(snapshot, application, identity, anonymous, now);
        AccessRequest asked = speaking(identity, anonymous, facts);
        Decision decision = application.policy().decide(asked);
        if (!(decision instanceof Decision.Permit permit)) {
            return new Issued.Refused(new Judged(decision, asked));
        }
        Instant ends = now.plus(TokenLife.of(permit.sessionDuration().orElse(application.sessionDuration())));
        TokenClaims.App claims = new TokenClaims.App(
                application.audience(),
                identity.user(),
                identity.email(),
                identity.nonce(),
                identity.country(),
                HeaderAttributes.custom(snapshot, identity),
                facts.encode(),
                binding,
                thumbprint(anonymous),
                now,
                Instant.ofEpochSecond((ends.isBefore(latest) ? ends : latest).getEpochSecond()));
        TokenIssuer.Signed signed =
                TokenIssuer.fit(snapshot.keys(), snapshot.settings().issuer(), claims);
        if (!signed.dropped().isEmpty()) {
            LOG.info(
                    "a token for application {} has no room for the claims {}; get-identity has them",
                    application.id(),
                    signed.dropped());
        }
        return new Issued.Token(permit, asked, new SessionState.Present(signed.claims(), facts, signed.compact()));
    }

    private FactSet.Captured facts(
            Snapshot snapshot, Application application, Identity identity, AccessRequest anonymous, Instant now) {
        return application
                .policy()
                .facts()
                .capture(identity, evaluations(snapshot, application, identity, anonymous, now));
    }

    private static AccessRequest speaking(Identity identity, AccessRequest anonymous, FactSet.Captured facts) {
        return new AccessRequest(
                anonymous.client(),
                anonymous.country(),
                anonymous.service(),
                anonymous.certificate(),
                new Subject.Person(identity.email(), facts));
    }

    /** The thumbprint to which a token is bound that is issued over a client certificate. */
    private static @Nullable String thumbprint(AccessRequest anonymous) {
        return anonymous.certificate() == null
                        || anonymous.certificate().thumbprint().isEmpty()
                ? null
                : anonymous.certificate().thumbprint();
    }

    /** Asks all evaluators at once, in parallel, so that a login waits only for the slowest. */
    private Map<Selector.ExternalEvaluation, Truth> evaluations(
            Snapshot snapshot, Application application, Identity identity, AccessRequest anonymous, Instant now) {
        List<Selector.ExternalEvaluation> evaluators = application.policy().evaluators();
        if (evaluators.isEmpty()) {
            return Map.of();
        }
        ExternalEvaluation.Question question =
                new ExternalEvaluation.Question(snapshot, application, identity, anonymous, now);
        Map<Selector.ExternalEvaluation, Truth> truths = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Selector.ExternalEvaluation, Future<Truth>> pending = new HashMap<>();
            evaluators.forEach(evaluator -> pending.put(evaluator, threads.submit(() -> ask(evaluator, question))));
            pending.forEach((evaluator, answer) -> truths.put(evaluator, outcome(answer)));
        }
        return truths;
    }

    private Truth ask(Selector.ExternalEvaluation evaluator, ExternalEvaluation.Question question) {
        Asked asked =
                new Asked(question.identity().nonce(), question.application().id(), evaluator);
        Truth known = answers.getIfPresent(asked);
        if (known != null) {
            return known;
        }
        Truth answer = evaluation.ask(evaluator, question);
        if (answer != Truth.UNDECIDED) {
            answers.put(asked, answer);
        }
        return answer;
    }

    private static Truth outcome(Future<Truth> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            LOG.warn("an external evaluation failed", e.getCause());
            return Truth.UNDECIDED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Truth.UNDECIDED;
        }
    }
}
