package io.sallyport.policy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PolicyJsonTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final PolicyId ID = new PolicyId(UUID.nameUUIDFromBytes(new byte[] {1}));

    static Stream<Arguments> rules() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(PolicyJsonTest.class.getResourceAsStream("/policy/selector-json.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("# "))
                            .map(line -> line.split(" => ", -1))
                            .map(sides -> Arguments.of(sides[0], sides[1]))
                            .toList()
                            .stream();
        }
    }

    @ParameterizedTest(name = "{0} => {1}")
    @MethodSource("rules")
    @DisplayName("PN-11: a rule is read whole or refused at the member at fault")
    void ruleIsReadWholeOrRefusedWhereItIsWrong(String rule, String expected) {
        String outcome;
        try {
            Selector selector = SelectorJson.read(JSON.readTree(rule), "/include/0");
            assertThat(JSON.readTree(rule).propertyNames()).containsExactly(selector.key());
            outcome = "fine";
        } catch (PolicyProblem problem) {
            outcome = problem.pointer();
        }
        assertThat(outcome).isEqualTo(expected);
    }

    @Test
    void policyIsReadWithItsParts() {
        PolicySpec policy = PolicyJson.policy(ID, JSON.readTree("""
                {"name": "staff", "decision": "allow", "precedence": 1, "session_duration": "1h30m",
                 "include": [{"email": {"email": "A@b.c"}}], "exclude": [], "require": null}"""));
        assertThat(policy)
                .isEqualTo(new PolicySpec(
                        ID,
                        "staff",
                        PolicyAction.ALLOW,
                        List.of(new Selector.EmailIs(new Email("a@b.c"))),
                        List.of(),
                        List.of(),
                        Duration.ofMinutes(90)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/name | {\"decision\": \"allow\", \"include\": [{\"everyone\": {}}]}",
                "/decision | {\"name\": \"p\", \"include\": [{\"everyone\": {}}]}",
                "/decision | {\"name\": \"p\", \"decision\": \"block\", \"include\": [{\"everyone\": {}}]}",
                "/decision | {\"name\": \"p\", \"decision\": \"Allow\", \"include\": [{\"everyone\": {}}]}",
                "/include | {\"name\": \"p\", \"decision\": \"allow\"}",
                "/include | {\"name\": \"p\", \"decision\": \"allow\", \"include\": []}",
                "/include | {\"name\": \"p\", \"decision\": \"allow\", \"include\": {}}",
                "/exclude | {\"name\": \"p\", \"decision\": \"allow\", \"include\": [{\"everyone\": {}}], \"exclude\": 1}",
                "/require/0/x | {\"name\": \"p\", \"decision\": \"allow\", \"include\": [{\"everyone\": {}}], \"require\": [{\"x\": {}}]}",
                "/session_duration | {\"name\": \"p\", \"decision\": \"allow\", \"include\": [{\"everyone\": {}}], \"session_duration\": \"1d\"}",
                "/session_duration | {\"name\": \"p\", \"decision\": \"allow\", \"include\": [{\"everyone\": {}}], \"session_duration\": 5}",
            })
    @DisplayName("PN-10 PN-11: a policy is refused at the member at fault; an include is compulsory")
    void policyIsRefusedWhereItIsWrong(String pointer, String json) {
        JsonNode policy = JSON.readTree(json);
        assertThat(catchThrowableOfType(PolicyProblem.class, () -> PolicyJson.policy(ID, policy))
                        .pointer())
                .isEqualTo(pointer);
    }

    @Test
    void groupNeedsAnIncludeToo() {
        GroupId id = new GroupId(UUID.nameUUIDFromBytes(new byte[] {2}));
        assertThatThrownBy(() ->
                        PolicyJson.group(id, JSON.readTree("{\"name\": \"g\", \"require\": [{\"everyone\": {}}]}")))
                .isInstanceOf(PolicyProblem.class)
                .hasMessageContaining("at least one");
    }
}
