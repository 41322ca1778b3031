package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the tables under {@code policy/}: what policies mean is said there. */
class PolicyDecisionTest {
    static Stream<PolicyTable.Question> questions() {
        return Stream.of("order", "formula", "before-login", "selectors", "groups", "undecided", "foot-guns")
                .flatMap(table -> PolicyTable.read("/policy/" + table + ".yaml").stream());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("questions")
    @DisplayName("PN-10 PN-11 PN-12 PN-13 OI-11 FC-05: policies mean what the tables say")
    void decidesAsTheTableSays(PolicyTable.Question question) {
        CompiledPolicy policy = PolicyCompiler.compile(question.policies(), question.references());
        AccessRequest request = question.asker().request(policy.facts());
        assertThat(PolicyTable.spell(policy.decide(request))).isEqualTo(question.expected());
        assertThat(policy.explain(request).decision())
                .usingRecursiveComparison()
                .isEqualTo(policy.decide(request));
    }
}
