package io.sallyport.control;

import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import io.sallyport.catalog.UserRow;
import io.sallyport.identity.Identity;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.Decision;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Subject;
import io.sallyport.policy.Truth;
import io.sallyport.policy.json.PolicyJson;
import io.sallyport.snapshot.PolicyTrial;
import io.sallyport.snapshot.SnapshotLoader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The policy tester: evaluates the given policies, stored or not, for all known people with the
 * identities of their newest logins. It answers immediately; the result is stored for a day, so that any replica can
 * return it, unless there were many since.
 */
final class PolicyTests {
    private static final int MOST_POLICIES = 1000;
    private static final Duration KEPT = Duration.ofDays(1);
    /** A result has a line for every known person, and whoever may read may ask for as many results as they like. */
    static final int MOST_KEPT = 200;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Transactions transactions;
    private final PolicyRepository policies;
    private final PolicyCheck check;
    private final KnownPeople people;
    private final SnapshotLoader loader;
    private final JdbcClient jdbc;
    private final InstantSource clock;

    PolicyTests(
            Transactions transactions,
            PolicyRepository policies,
            PolicyCheck check,
            KnownPeople people,
            SnapshotLoader loader,
            JdbcClient jdbc,
            InstantSource clock) {
        this.transactions = transactions;
        this.policies = policies;
        this.check = check;
        this.people = people;
        this.loader = loader;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** The result for one person. */
    private enum Verdict {
        APPROVED("success"),
        BLOCKED("fail"),
        /** Only the person's address is known, and the policies need more facts. */
        ERROR("error");

        /** The value of the {@code status} filter. */
        private final String filter;

        Verdict(String filter) {
            this.filter = filter;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Takes {@code policies}: ids of stored ones, or whole ones. */
    ObjectNode run(Fields body) {
        CompiledPolicy compiled = transactions.read(() -> compile(specs(body)));
        Map<UUID, Identity> newest = people.newestIdentities();
        ArrayNode users = JsonNodeFactory.instance.arrayNode();
        people.everybody()
                .forEach(user -> users.addObject()
                        .put("id", user.id().toString())
                        .put("email", user.email())
                        .put("name", user.name())
                        .put(
                                "status",
                                decide(compiled, user, newest.get(user.id())).word()));
        UUID id = UUID.randomUUID();
        Instant now = clock.instant();
        jdbc.sql("""
                        delete from policy_tests where created_at < ?
                            or id in (select id from policy_tests order by created_at desc offset ?)""").params(time(now.minus(KEPT)), MOST_KEPT - 1).update();
        jdbc.sql("insert into policy_tests (id, created_at, users) values (?, ?, cast(? as jsonb))")
                .params(id, time(now), users.toString())
                .update();
        return JsonNodeFactory.instance.objectNode().put("id", id.toString()).put("status", "success");
    }

    private CompiledPolicy compile(List<PolicySpec> specs) {
        try {
            return PolicyTrial.compile(loader.proposed(), specs);
        } catch (PolicyProblem refused) {
            throw ApiProblem.invalid(refused.pointer(), String.valueOf(refused.getMessage()));
        }
    }

    private static OffsetDateTime time(Instant at) {
        return OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
    }

    private List<PolicySpec> specs(Fields body) {
        List<JsonNode> nodes = body.list("policies", MOST_POLICIES);
        if (nodes.isEmpty()) {
            throw body.invalid("policies", "is required");
        }
        List<PolicySpec> specs = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            specs.add(spec(nodes.get(i), body.pointerTo("policies") + "/" + i));
        }
        return specs;
    }

    private PolicySpec spec(JsonNode node, String pointer) {
        if (!node.isString()) {
            UUID id = UUID.randomUUID();
            PolicyDraft draft = PolicyDraft.read(Fields.at(node, pointer));
            check.check(id, draft);
            return draft.spec(id);
        }
        PolicyRow row = Ids.parse(node.stringValue())
                .flatMap(policies::findById)
                .orElseThrow(() -> ApiProblem.invalid(pointer, "names no policy"));
        ObjectNode stored =
                ((ObjectNode) row.body().deepCopy()).put("name", row.name()).put("decision", row.decision());
        return PolicyJson.policy(new PolicyId(row.id()), stored);
    }

    private static Verdict decide(CompiledPolicy policy, UserRow user, @Nullable Identity identity) {
        AtomicBoolean wanting = new AtomicBoolean();
        Subject.Facts facts = identity != null
                ? policy.facts().capture(identity, Map.of())
                : fact -> {
                    wanting.set(true);
                    return Truth.UNDECIDED;
                };
        Decision decision =
                policy.decide(Replay.askedBy(user, identity, new Subject.Person(Replay.address(user), facts)));
        if (decision instanceof Decision.Permit) {
            return Verdict.APPROVED;
        }
        return wanting.get() ? Verdict.ERROR : Verdict.BLOCKED;
    }

    /** Counts and whole percents. */
    ObjectNode get(UUID id) {
        List<JsonNode> users = stored(id);
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", id.toString())
                .put("status", "complete")
                .put("total_users", users.size())
                .put("percent_users_processed", 100);
        for (Verdict verdict : Verdict.values()) {
            long count = users.stream().filter(user -> is(user, verdict)).count();
            String name = verdict == Verdict.ERROR ? "errored" : verdict.word();
            view.put("users_" + name, count);
            view.put("percent_" + name, users.isEmpty() ? 0 : Math.round(100.0 * count / users.size()));
        }
        return view;
    }

    /** Person by person; {@code status} is {@code success}, {@code fail} or {@code error}. */
    Paged<JsonNode> users(UUID id, Query query) {
        String wanted = query.oneOf("status", "", "", "success", "fail", "error");
        List<JsonNode> users = stored(id);
        for (Verdict verdict : Verdict.values()) {
            if (verdict.filter.equals(wanted)) {
                users = users.stream().filter(user -> is(user, verdict)).toList();
            }
        }
        return Paged.cut(query.paging(), users);
    }

    private static boolean is(JsonNode user, Verdict verdict) {
        return user.path("status").asString("").equals(verdict.word());
    }

    private List<JsonNode> stored(UUID id) {
        return jdbc.sql("select users from policy_tests where id = ?")
                .param(id)
                .query((row, number) -> JSON.readTree(row.getString(1)))
                .optional()
                .orElseThrow(ApiProblem::notFound)
                .valueStream()
                .toList();
    }
}
