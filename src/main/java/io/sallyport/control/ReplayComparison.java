package io.sallyport.control;

import io.sallyport.catalog.UserRow;
import io.sallyport.decision.DecisionRecord;
import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.FactSet;
import io.sallyport.policy.Subject;
import io.sallyport.policy.Truth;
import io.sallyport.policy.json.ExplanationJson;
import io.sallyport.snapshot.Application;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Decides each request by the configurations before and after a change, and collects the people for whom the results
 * differ.
 */
final class ReplayComparison {
    /** The effect of a change on one request. */
    enum Effect {
        SAME,
        GAIN,
        LOSE,
        /** Not admitted before or after, but with a different answer: a login or a refusal. */
        OTHER,
        /** The login's facts were deleted and are needed. */
        WITHOUT_IDENTITY
    }

    private final int examples;
    private final Map<Effect, Map<Pair, Example>> found = new LinkedHashMap<>();
    private final Map<Question, Effect> answered = new HashMap<>();

    /** @param examples to collect of each effect */
    ReplayComparison(int examples) {
        this.examples = examples;
        for (Effect effect : new Effect[] {Effect.GAIN, Effect.LOSE, Effect.OTHER}) {
            found.put(effect, new LinkedHashMap<>());
        }
    }

    /** A person and an application. */
    private record Pair(String who, String application) {}

    private record Example(
            Answer before, Answer after, @Nullable String decision) {}

    /** The result by one configuration. */
    private record Answer(
            String outcome, String reason, @Nullable String policy) {
        static final Answer NO_APPLICATION = new Answer("denied", "no_application", null);

        boolean in() {
            return outcome.equals("allowed");
        }

        static Answer of(Decision decision) {
            return new Answer(
                    ExplanationJson.word(decision),
                    ExplanationJson.word(decision.reason().code()),
                    decision.reason().policyName());
        }

        ObjectNode json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("outcome", outcome)
                    .put("reason", reason)
                    .put("policy", policy);
        }
    }

    /** All inputs of a result. Requests repeat often, so each distinct one is decided once. */
    private record Question(
            @Nullable AppId before,
            @Nullable AppId after,
            String client,
            @Nullable String country,
            @Nullable ServiceIdentity service,
            @Nullable CertificateIdentity certificate,
            @Nullable String email,
            @Nullable String facts,
            @Nullable IdentityNonce identity,
            String applicationName) {
        static Question of(
                DecisionRecord record,
                @Nullable Application before,
                @Nullable Application after,
                @Nullable Identity identity) {
            return new Question(
                    before == null ? null : before.id(),
                    after == null ? null : after.id(),
                    record.client(),
                    record.country(),
                    record.service(),
                    record.certificate(),
                    record.email(),
                    record.facts(),
                    identity == null ? null : identity.nonce(),
                    record.applicationName());
        }
    }

    /** Compares a recorded request. */
    Effect past(
            DecisionRecord record,
            @Nullable Application before,
            @Nullable Application after,
            @Nullable Identity identity) {
        return answered.computeIfAbsent(
                Question.of(record, before, after, identity), question -> decide(record, before, after, identity));
    }

    private Effect decide(
            DecisionRecord record,
            @Nullable Application before,
            @Nullable Application after,
            @Nullable Identity identity) {
        Optional<Answer> then = answer(record, before, identity);
        Optional<Answer> now = answer(record, after, identity);
        if (then.isEmpty() || now.isEmpty()) {
            return Effect.WITHOUT_IDENTITY;
        }
        Pair pair = new Pair(who(record), name(before, after, record.applicationName()));
        return compare(pair, then.get(), now.get(), record.id());
    }

    /** Compares a request that a person could make now. */
    Effect person(
            UserRow user, @Nullable Identity identity, @Nullable Application before, @Nullable Application after) {
        Pair pair = new Pair(user.email(), name(before, after, ""));
        return compare(pair, answer(user, identity, before), answer(user, identity, after), null);
    }

    private Effect compare(Pair pair, Answer before, Answer after, @Nullable String decision) {
        Effect effect = before.in() == after.in()
                ? before.outcome().equals(after.outcome()) ? Effect.SAME : Effect.OTHER
                : after.in() ? Effect.GAIN : Effect.LOSE;
        Map<Pair, Example> all = found.get(effect);
        if (all != null) {
            all.merge(
                    pair,
                    new Example(before, after, decision),
                    (first, again) -> first.decision() == null ? again : first);
        }
        return effect;
    }

    private static Optional<Answer> answer(
            DecisionRecord record, @Nullable Application application, @Nullable Identity identity) {
        if (application == null) {
            return Optional.of(Answer.NO_APPLICATION);
        }
        return subject(record, application, identity)
                .map(subject -> Answer.of(application
                        .policy()
                        .decide(new AccessRequest(
                                InetAddress.ofLiteral(record.client()),
                                record.country(),
                                record.service(),
                                record.certificate(),
                                subject))));
    }

    /**
     * The facts of the token, which are the most exact; or those of the stored identity, if the policies need others.
     */
    private static Optional<Subject> subject(
            DecisionRecord record, Application application, @Nullable Identity identity) {
        if (record.email() == null) {
            return Optional.of(new Subject.Anonymous());
        }
        Email email = new Email(record.email());
        FactSet facts = application.policy().facts();
        return Optional.ofNullable(record.facts())
                .flatMap(facts::decode)
                .or(() -> Optional.ofNullable(identity).map(known -> facts.capture(known, Map.of())))
                .map(captured -> new Subject.Person(email, captured));
    }

    private static Answer answer(UserRow user, @Nullable Identity identity, @Nullable Application application) {
        if (application == null) {
            return Answer.NO_APPLICATION;
        }
        Subject.Facts facts = identity == null
                ? fact -> Truth.UNDECIDED
                : application.policy().facts().capture(identity, Map.of());
        AccessRequest asked = Replay.askedBy(user, identity, new Subject.Person(Replay.address(user), facts));
        return Answer.of(application.policy().decide(asked));
    }

    private static String who(DecisionRecord record) {
        if (record.email() != null) {
            return record.email();
        }
        if (record.service() != null) {
            return "service token " + record.service().name();
        }
        return record.certificate() == null
                ? "nobody signed in, from " + record.client()
                : "client certificate " + record.certificate().commonName();
    }

    private static String name(@Nullable Application before, @Nullable Application after, String otherwise) {
        return before != null ? before.name() : after != null ? after.name() : otherwise;
    }

    /** Adds {@code gain}, {@code lose} and {@code other}: how many pairs of person and application, and examples of them. */
    void writeTo(ObjectNode result) {
        found.forEach((effect, all) -> {
            ObjectNode kind = result.putObject(effect.name().toLowerCase(Locale.ROOT));
            kind.put("count", all.size());
            var written = kind.putArray("examples");
            all.entrySet().stream().limit(examples).forEach(each -> {
                ObjectNode example = written.addObject()
                        .put("who", each.getKey().who())
                        .put("application", each.getKey().application());
                example.set("before", each.getValue().before().json());
                example.set("after", each.getValue().after().json());
                example.put("decision_id", each.getValue().decision());
            });
        });
    }

    /** Counts requests by effect. */
    static final class Tally {
        private final Map<Effect, Integer> counts = new LinkedHashMap<>();
        private int asked;

        void add(Effect effect) {
            asked++;
            counts.merge(effect, 1, Integer::sum);
        }

        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("asked", asked);
            for (Effect effect : Effect.values()) {
                json.put(effect.name().toLowerCase(Locale.ROOT), counts.getOrDefault(effect, 0));
            }
            return json;
        }
    }
}
