package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyCompiler.References;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What lint says of the random policies of {@link PolicyPropertyTest}, held against what the engine does with them. */
class PolicyLintPropertyTest {
    private static final Set<PolicyLint.Code> DEAD =
            Set.of(PolicyLint.Code.NEVER_MATCHES, PolicyLint.Code.REQUIRES_TWO_VALUES, PolicyLint.Code.SHADOWED);

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.sallyport.policy.PolicyPropertyTest#seeds")
    @DisplayName("what lint calls dead never admits or refuses anybody")
    void aPolicyThatLintCallsDeadDecidesNothing(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < PolicyPropertyTest.CASES_A_SEED; i++) {
            References references = PolicyPropertyTest.references(random);
            List<PolicySpec> policies = PolicyPropertyTest.policies(random);
            CompiledPolicy compiled = PolicyPropertyTest.compile(policies, references);
            if (compiled == null) {
                continue;
            }
            Set<PolicyId> dead = new PolicyLint(references, Set.copyOf(PolicyPropertyTest.IDPS))
                    .check(policies, Set.of()).stream()
                            .filter(finding -> DEAD.contains(finding.code()))
                            .map(finding -> finding.policy().id())
                            .collect(Collectors.toSet());
            AccessRequest request = PolicyPropertyTest.request(random, compiled.facts());
            Decision decision = compiled.decide(request);
            if (!(decision instanceof Decision.LoginRequired)
                    && decision.reason().policy() != null) {
                assertThat(dead)
                        .as("seed %s, case %s: %s with %s for %s", seed, i, policies, references, request)
                        .doesNotContain(decision.reason().policy());
            }
        }
    }
}
