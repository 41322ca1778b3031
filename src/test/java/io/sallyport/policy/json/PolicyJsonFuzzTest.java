package io.sallyport.policy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.testkit.Bent;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** PN-11, SU-04: a bent policy is read whole or refused by name, and one that is read admits nobody by having no rule. */
class PolicyJsonFuzzTest {
    private static final int ROUNDS = 10_000;
    private static final JsonMapper JSON = new JsonMapper();
    private static final PolicyId ID = new PolicyId(new UUID(0, 1));
    private static final String GOOD = """
            {"name":"Staff","decision":"allow","session_duration":"24h",
             "include":[{"email_domain":{"domain":"example.com"}},{"ip":{"ip":"192.0.2.0/24"}},{"geo":{"country_code":"PT"}}],
             "require":[{"auth_method":{"auth_method":"mfa"}},{"group":{"id":"6f1e9c1e-0000-4000-8000-000000000001"}}],
             "exclude":[{"email":{"email":"eve@example.com"}},{"service_token":{"token_id":"6f1e9c1e-0000-4000-8000-000000000002"}}]}""";

    static LongStream seeds() {
        return LongStream.of(1, System.nanoTime());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void su04_aBentPolicyIsReadOrRefused(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            String bent = Bent.text(GOOD, random);
            assertThatCode(() -> json(bent).ifPresent(PolicyJsonFuzzTest::readOrRefuse))
                    .as("seed %d, round %d: %s", seed, round, bent)
                    .doesNotThrowAnyException();
        }
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    private static void readOrRefuse(JsonNode json) {
        try {
            PolicySpec policy = PolicyJson.policy(ID, json);
            assertThat(policy.include()).isNotEmpty();
        } catch (PolicyProblem refused) {
            assertThat(refused.pointer()).isNotNull();
        }
    }
}
