package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.ListId;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.PolicyCompiler.References;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PolicyCompilerTest {
    private static final Selector EVERYONE = new Selector.Everyone();
    private static final Selector ADA = new Selector.EmailIs(new Email("ada@example.com"));
    private static final Selector TOKEN = new Selector.ServiceToken(new ServiceTokenId(PolicyTable.uuid("ci")));
    private static final Selector POSTURE = new Selector.Unsupported("device_posture", "{}");
    private static final Selector RISK = new Selector.Unsupported("user_risk_score", "{}");

    @Test
    @DisplayName("PN-11: a bypass policy cannot look at identity, wherever the rule stands")
    void bypassWithIdentitySelectorIsRefused() {
        assertThat(problem(PolicyAction.BYPASS, List.of(EVERYONE), List.of(ADA), List.of()))
                .extracting(PolicyProblem::pointer)
                .isEqualTo("/exclude/0/email");
        assertThat(problem(PolicyAction.BYPASS, List.of(EVERYONE), List.of(), List.of(EVERYONE, inGroup("staff"))))
                .extracting(PolicyProblem::pointer)
                .isEqualTo("/require/1/group");
        assertThat(problem(PolicyAction.BYPASS, List.of(inGroup("outer")), List.of(), List.of()))
                .hasMessageContaining("email");
        assertThat(problem(PolicyAction.BYPASS, List.of(RISK), List.of(), List.of()))
                .extracting(PolicyProblem::pointer)
                .isEqualTo("/include/0/user_risk_score");
    }

    @Test
    @DisplayName("PN-11: service tokens work in non_identity policies only, also through groups")
    void serviceTokenElsewhereIsRefused() {
        for (PolicyAction action : List.of(PolicyAction.ALLOW, PolicyAction.DENY, PolicyAction.BYPASS)) {
            assertThat(problem(action, List.of(TOKEN), List.of(), List.of()))
                    .extracting(PolicyProblem::pointer)
                    .isEqualTo("/include/0/service_token");
            assertThat(problem(action, List.of(EVERYONE), List.of(), List.of(inGroup("machines"))))
                    .extracting(PolicyProblem::pointer)
                    .isEqualTo("/require/0/group");
        }
        assertThat(compile(PolicyAction.NON_IDENTITY, List.of(TOKEN, inGroup("machines"), POSTURE)))
                .isNotNull();
    }

    @Test
    void missingGroupsAndListsAreNamed() {
        assertThat(problem(PolicyAction.ALLOW, List.of(inGroup("nowhere")), List.of(), List.of())
                        .pointer())
                .isEqualTo("/include/0/group/id");
        assertThat(problem(PolicyAction.ALLOW, List.of(new Selector.EmailList(list("nowhere"))), List.of(), List.of())
                        .pointer())
                .isEqualTo("/include/0/email_list/id");
        assertThat(problem(
                                PolicyAction.ALLOW,
                                List.of(EVERYONE),
                                List.of(new Selector.IpList(list("nowhere"))),
                                List.of())
                        .pointer())
                .isEqualTo("/exclude/0/ip_list/id");
        assertThat(problem(PolicyAction.ALLOW, List.of(inGroup("broken")), List.of(), List.of()))
                .hasMessageContaining("\"broken\"")
                .extracting(PolicyProblem::pointer)
                .isEqualTo("/include/0/group/id");
    }

    @Test
    void groupsThatNameEachOtherInACircleAreRefusedWithTheCircle() {
        assertThat(problem(PolicyAction.ALLOW, List.of(inGroup("to-circle")), List.of(), List.of()))
                .hasMessageContaining("\"circle-a\" → \"circle-b\" → \"circle-a\"")
                .extracting(PolicyProblem::pointer)
                .isEqualTo("/include/0/group/id");
    }

    @Test
    void problemNamesThePolicy() {
        assertThat(problem(PolicyAction.BYPASS, List.of(ADA), List.of(), List.of())
                        .policy())
                .hasValue(new PolicyId(PolicyTable.uuid("p")));
    }

    @Test
    void groupsThatFanOutExponentiallyAreDecidedAtOnce() {
        // Level n names level n-1 twice, in include and in exclude: 2^60 evaluations without a memory.
        Map<GroupId, GroupSpec> groups = IntStream.rangeClosed(0, 60)
                .mapToObj(i -> new GroupSpec(
                        group("level-" + i),
                        "level-" + i,
                        i == 0 ? List.of(ADA) : List.of(inGroup("level-" + (i - 1)), new Selector.Geo("XX")),
                        i == 0 ? List.of() : List.of(inGroup("level-" + (i - 1))),
                        List.of()))
                .collect(Collectors.toMap(GroupSpec::id, spec -> spec));
        CompiledPolicy policy = PolicyCompiler.compile(
                List.of(policy(PolicyAction.ALLOW, List.of(inGroup("level-60")), List.of(), List.of())),
                new References(groups, Map.of(), Map.of()));
        assertThat(policy.decide(anonymous())).isInstanceOf(Decision.class);
        assertThat(policy.explain(anonymous()).policies()).hasSize(1);
    }

    @Test
    void sessionDurationTravelsWithThePermit() {
        PolicySpec spec = new PolicySpec(
                new PolicyId(PolicyTable.uuid("p")),
                "p",
                PolicyAction.BYPASS,
                List.of(EVERYONE),
                List.of(),
                List.of(),
                Duration.ZERO);
        Decision decision = PolicyCompiler.compile(List.of(spec), REFERENCES).decide(anonymous());
        assertThat(((Decision.Permit) decision).sessionDuration()).hasValue(Duration.ZERO);
    }

    @Test
    void evaluatorsAndServiceAuthAreKnown() {
        var evaluation =
                new Selector.ExternalEvaluation(URI.create("https://e.example/"), URI.create("https://e.example/k"));
        CompiledPolicy policy = compile(PolicyAction.ALLOW, List.of(evaluation, ADA));
        assertThat(policy.evaluators()).containsExactly(evaluation);
        assertThat(policy.hasServiceAuth()).isFalse();
        assertThat(compile(PolicyAction.NON_IDENTITY, List.of(TOKEN)).hasServiceAuth())
                .isTrue();
    }

    @Test
    @DisplayName("OT-01: a code is mailed only to whom some policy could admit by one-time PIN")
    void couldAdmitAsksWhatAOneTimePinLoginWouldEstablish() {
        IdpId pin = new IdpId(PolicyTable.uuid("pin"));
        IdpId okta = new IdpId(PolicyTable.uuid("okta"));
        Email ada = new Email("ada@example.com");
        Email eve = new Email("eve@example.com");

        assertThat(compile(PolicyAction.ALLOW, List.of(ADA)).couldAdmit(ada, anonymous(), pin))
                .isTrue();
        assertThat(compile(PolicyAction.ALLOW, List.of(ADA)).couldAdmit(eve, anonymous(), pin))
                .isFalse();
        assertThat(compile(PolicyAction.ALLOW, List.of(new Selector.LoginMethod(pin)))
                        .couldAdmit(eve, anonymous(), pin))
                .isTrue();
        assertThat(compile(PolicyAction.ALLOW, List.of(new Selector.LoginMethod(okta)))
                        .couldAdmit(ada, anonymous(), pin))
                .isFalse();
        assertThat(compile(PolicyAction.ALLOW, List.of(new Selector.OktaGroup(okta, "ops")))
                        .couldAdmit(ada, anonymous(), pin))
                .isFalse();
        assertThat(compile(PolicyAction.ALLOW, List.of(new Selector.AuthMethod("otp")))
                        .couldAdmit(ada, anonymous(), pin))
                .isTrue();
        assertThat(compile(PolicyAction.ALLOW, List.of(new Selector.AuthMethod("mfa")))
                        .couldAdmit(ada, anonymous(), pin))
                .isFalse();
        assertThat(compile(
                                PolicyAction.ALLOW,
                                List.of(new Selector.ExternalEvaluation(
                                        URI.create("https://e.example/"), URI.create("https://e.example/k"))))
                        .couldAdmit(ada, anonymous(), pin))
                .isTrue();
        assertThat(compile(PolicyAction.BYPASS, List.of(EVERYONE)).couldAdmit(ada, anonymous(), pin))
                .isFalse();
        CompiledPolicy denyFirst = PolicyCompiler.compile(
                List.of(
                        policy(PolicyAction.DENY, List.of(ADA), List.of(), List.of()),
                        policy(PolicyAction.ALLOW, List.of(EVERYONE), List.of(), List.of())),
                REFERENCES);
        assertThat(denyFirst.couldAdmit(ada, anonymous(), pin)).isFalse();
        assertThat(denyFirst.couldAdmit(eve, anonymous(), pin)).isTrue();
    }

    private static final References REFERENCES = new References(
            Stream.of(
                            new GroupSpec(group("staff"), "staff", List.of(ADA), List.of(), List.of()),
                            new GroupSpec(group("outer"), "outer", List.of(inGroup("staff")), List.of(), List.of()),
                            new GroupSpec(group("machines"), "machines", List.of(TOKEN), List.of(), List.of()),
                            new GroupSpec(group("broken"), "broken", List.of(inGroup("gone")), List.of(), List.of()),
                            new GroupSpec(
                                    group("circle-a"), "circle-a", List.of(inGroup("circle-b")), List.of(), List.of()),
                            new GroupSpec(
                                    group("circle-b"),
                                    "circle-b",
                                    List.of(EVERYONE),
                                    List.of(inGroup("circle-a")),
                                    List.of()),
                            new GroupSpec(
                                    group("to-circle"),
                                    "to-circle",
                                    List.of(inGroup("circle-a")),
                                    List.of(),
                                    List.of()))
                    .collect(Collectors.toMap(GroupSpec::id, spec -> spec)),
            Map.of(list("emails"), Set.of(new Email("ada@example.com"))),
            Map.of(list("blocks"), List.of(Cidr.parse("192.0.2.0/24"))));

    private static GroupId group(String name) {
        return new GroupId(PolicyTable.uuid(name));
    }

    private static Selector inGroup(String name) {
        return new Selector.InGroup(group(name));
    }

    private static ListId list(String name) {
        return new ListId(PolicyTable.uuid(name));
    }

    private static PolicySpec policy(
            PolicyAction action, List<Selector> include, List<Selector> exclude, List<Selector> require) {
        return new PolicySpec(new PolicyId(PolicyTable.uuid("p")), "p", action, include, exclude, require, null);
    }

    private static CompiledPolicy compile(PolicyAction action, List<Selector> include) {
        return PolicyCompiler.compile(List.of(policy(action, include, List.of(), List.of())), REFERENCES);
    }

    private static PolicyProblem problem(
            PolicyAction action, List<Selector> include, List<Selector> exclude, List<Selector> require) {
        return catchThrowableOfType(
                PolicyProblem.class,
                () -> PolicyCompiler.compile(List.of(policy(action, include, exclude, require)), REFERENCES));
    }

    private static AccessRequest anonymous() {
        return new AccessRequest(InetAddress.ofLiteral("192.0.2.1"), null, null, null, new Subject.Anonymous());
    }
}
