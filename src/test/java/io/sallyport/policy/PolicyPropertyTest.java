package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.Cidr;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.ListId;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.UserId;
import io.sallyport.policy.Explanation.Effect;
import io.sallyport.policy.PolicyCompiler.References;
import java.net.InetAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random policies and requests, decided by the engine and by {@link NaiveEvaluator}. */
class PolicyPropertyTest {
    static final int CASES_A_SEED = 1_000;
    private static final List<Email> EMAILS = List.of(
            new Email("ada@a.example"),
            new Email("bob@a.example"),
            new Email("ada@b.example"),
            new Email("eve@c.example"));
    private static final List<InetAddress> ADDRESSES = Stream.of(
                    "192.0.2.1", "192.0.2.200", "198.51.100.1", "2001:db8::1")
            .map(InetAddress::ofLiteral)
            .toList();
    private static final List<Cidr> BLOCKS = Stream.of(
                    "192.0.2.0/24", "192.0.2.128/25", "192.0.2.1", "2001:db8::/32", "0.0.0.0/0")
            .map(Cidr::parse)
            .toList();
    static final List<IdpId> IDPS = List.of(new IdpId(PolicyTable.uuid("pin")), new IdpId(PolicyTable.uuid("kc")));
    private static final List<ServiceTokenId> TOKENS =
            List.of(new ServiceTokenId(PolicyTable.uuid("ci")), new ServiceTokenId(PolicyTable.uuid("cd")));
    private static final URI EVALUATOR = URI.create("https://e.example/");
    private static final int GROUPS = 4;
    private static final List<GroupId> GROUP_IDS = IntStream.range(0, GROUPS)
            .mapToObj(g -> new GroupId(PolicyTable.uuid("g" + g)))
            .toList();
    private static final List<PolicyId> POLICY_IDS = IntStream.range(0, 5)
            .mapToObj(p -> new PolicyId(PolicyTable.uuid("p" + p)))
            .toList();
    private static final UserId USER = new UserId(PolicyTable.uuid("user"));
    private static final ListId LIST = new ListId(PolicyTable.uuid("list"));

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @DisplayName("PN-15: 100,000 random cases are decided as an independent evaluator decides them")
    void decidesAsTheNaiveEvaluatorDoes(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CASES_A_SEED; i++) {
            References references = references(random);
            List<PolicySpec> policies = policies(random);
            CompiledPolicy compiled = compile(policies, references);
            if (compiled == null) {
                i--; // its action does not allow these rules: not a case
                continue;
            }
            AccessRequest request = request(random, compiled.facts());
            int number = i;
            Supplier<String> as = () ->
                    "seed " + seed + ", case " + number + ": " + policies + " with " + references + " for " + request;
            Decision decision = compiled.decide(request);
            assertThat(PolicyTable.spell(decision))
                    .as(as)
                    .isEqualTo(new NaiveEvaluator(policies, references, request).decide());
            checkExplanation(compiled.explain(request), decision, as);
        }
    }

    /** The tree tells the same story: one policy with an effect, the decision's; none before it, none after it. */
    private static void checkExplanation(Explanation explanation, Decision decision, Supplier<String> as) {
        assertThat(PolicyTable.spell(explanation.decision())).as(as).isEqualTo(PolicyTable.spell(decision));
        Explanation.Policy decisive = explanation.policies().stream()
                .filter(policy -> policy.effect() != Effect.NONE)
                .findFirst()
                .orElse(null);
        Effect expected = switch (decision) {
            case Decision.Permit _ -> Effect.ADMITS;
            case Decision.LoginRequired _ -> Effect.ASKS_FOR_LOGIN;
            case Decision.Denied denied -> denied.reason().policy() == null ? null : Effect.REFUSES;
        };
        assertThat(decisive == null ? null : decisive.effect()).as(as).isEqualTo(expected);
        assertThat(decisive == null ? null : decisive.id())
                .as(as)
                .isEqualTo(decision.reason().policy());
        assertThat(explanation.policies().stream()
                        .filter(policy -> policy.effect() != Effect.NONE && policy.effect() != Effect.NOT_REACHED))
                .as(as)
                .hasSizeLessThanOrEqualTo(1);
        String rule = decision.reason().rule();
        if (rule != null && decisive != null) {
            assertThat(decisive.include().stream().filter(r -> r.pointer().equals(rule)))
                    .as(as)
                    .singleElement()
                    .extracting(Explanation.Rule::truth)
                    .isNotEqualTo(Truth.FALSE);
        }
    }

    static @Nullable CompiledPolicy compile(List<PolicySpec> policies, References references) {
        try {
            return PolicyCompiler.compile(policies, references);
        } catch (PolicyProblem breaksARule) {
            return null;
        }
    }

    static References references(Random random) {
        Map<GroupId, GroupSpec> groups = new HashMap<>();
        for (int g = 0; g < GROUPS; g++) {
            GroupId id = GROUP_IDS.get(g);
            groups.put(
                    id,
                    new GroupSpec(id, "g" + g, rules(random, 1, 2, g), rules(random, 0, 1, g), rules(random, 0, 1, g)));
        }
        return new References(
                groups,
                Map.of(LIST, Set.of(EMAILS.get(0), EMAILS.get(3))),
                Map.of(LIST, List.of(Cidr.parse("198.51.100.0/24"), Cidr.parse("2001:db8::/64"))));
    }

    static List<PolicySpec> policies(Random random) {
        List<PolicySpec> policies = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            policies.add(new PolicySpec(
                    POLICY_IDS.get(i),
                    "p" + i,
                    pick(random, List.of(PolicyAction.values())),
                    rules(random, 0, 4, GROUPS),
                    rules(random, 0, 2, GROUPS),
                    rules(random, 0, 2, GROUPS),
                    null));
        }
        return policies;
    }

    /** @param groups rules may name groups below this one, so that there are no circles */
    private static List<Selector> rules(Random random, int least, int most, int groups) {
        List<Selector> rules = new ArrayList<>();
        for (int i = least + random.nextInt(most - least + 1); i > 0; i--) {
            rules.add(rule(random, groups));
        }
        return rules;
    }

    private static Selector rule(Random random, int groups) {
        return switch (random.nextInt(20)) {
            case 0, 1, 2 -> new Selector.EmailIs(pick(random, EMAILS));
            case 3, 4 -> new Selector.EmailDomain(pick(random, EMAILS).domain());
            case 5 -> new Selector.EmailList(LIST);
            case 6 -> new Selector.Everyone();
            case 7, 8, 9 -> new Selector.Ip(pick(random, BLOCKS));
            case 10 -> new Selector.IpList(LIST);
            case 11 -> new Selector.Geo(pick(random, List.of("PT", "ES")));
            case 12 ->
                groups == 0 ? new Selector.Everyone() : new Selector.InGroup(GROUP_IDS.get(random.nextInt(groups)));
            case 13 ->
                random.nextBoolean()
                        ? new Selector.AnyValidServiceToken()
                        : new Selector.ServiceToken(pick(random, TOKENS));
            case 14 -> random.nextBoolean() ? new Selector.AnyCertificate() : new Selector.CommonName("laptop");
            case 15 -> new Selector.LoginMethod(pick(random, IDPS));
            case 16 -> new Selector.AuthMethod(pick(random, List.of("mfa", "otp")));
            case 17 -> new Selector.OktaGroup(pick(random, IDPS), pick(random, List.of("ops", "dev")));
            case 18 -> new Selector.ExternalEvaluation(EVALUATOR, EVALUATOR);
            default -> new Selector.Unsupported("device_posture", "{}");
        };
    }

    static AccessRequest request(Random random, FactSet facts) {
        return new AccessRequest(
                pick(random, ADDRESSES),
                random.nextInt(3) == 0 ? null : pick(random, List.of("PT", "ES")),
                random.nextInt(3) == 0 ? new ServiceIdentity(pick(random, TOKENS), "x.access", "x") : null,
                random.nextInt(3) == 0 ? CertificateIdentity.named(pick(random, List.of("laptop", "phone"))) : null,
                random.nextInt(3) == 0 ? new Subject.Anonymous() : person(random, facts));
    }

    private static Subject.Person person(Random random, FactSet facts) {
        Identity identity = new Identity(
                USER,
                pick(random, EMAILS),
                null,
                new IdpRef(pick(random, IDPS), "oidc"),
                List.of(Group.named(pick(random, List.of("ops", "dev", "none")))),
                List.of(pick(random, List.of("mfa", "pwd"))),
                Map.of(),
                null,
                null,
                Instant.EPOCH,
                new IdentityNonce("n"));
        Map<Selector.ExternalEvaluation, Truth> evaluations = random.nextInt(3) == 0
                ? Map.of()
                : Map.of(new Selector.ExternalEvaluation(EVALUATOR, EVALUATOR), Truth.of(random.nextBoolean()));
        FactSet.Captured captured = facts.capture(identity, evaluations);
        return new Subject.Person(
                identity.email(),
                random.nextBoolean()
                        ? captured
                        : facts.decode(captured.encode()).orElseThrow());
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
