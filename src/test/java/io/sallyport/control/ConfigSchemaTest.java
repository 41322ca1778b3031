package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.json.SelectorJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The schema that editors read speaks of what the file really has. */
class ConfigSchemaTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JsonNode schema = read();

    private static JsonNode read() {
        try (InputStream in =
                Objects.requireNonNull(ConfigSchemaTest.class.getResourceAsStream("/schema/sallyport.schema.json"))) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everySectionIsThereAndNoOther() {
        assertThat(schema.at("/properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Stream.of("sallyport"),
                                Arrays.stream(ConfigKind.values()).map(ConfigKind::section))
                        .toList());
        assertThat(schema.at("/properties/sallyport/const").asInt()).isEqualTo(ConfigWorld.FORMAT);
    }

    @Test
    void theDecisionsAreThoseOfPolicies() {
        assertThat(schema.at("/$defs/policy/properties/decision/enum")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(PolicyAction.values())
                        .map(PolicyAction::apiName)
                        .toList());
    }

    @Test
    void everyRuleIsASelectorThatTheGatewayKnows() {
        List<String> keys = schema.at("/$defs/rule/oneOf")
                .valueStream()
                .map(rule -> rule.at("/required/0").asString())
                .toList();
        assertThat(keys).hasSize(27).doesNotHaveDuplicates();
        for (String key : keys) {
            ObjectNode rule = JSON.createObjectNode();
            rule.putObject(key);
            try {
                SelectorJson.read(rule, "");
            } catch (PolicyProblem incomplete) {
                assertThat(incomplete).as(key).hasMessageNotContaining("is not a selector");
            }
        }
    }
}
