package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The policy tester, on people of this test's own domain. */
class PolicyTestsIT {
    private final String domain = Api.unique("tested") + ".example";

    private String user(String name) {
        String email = name + "@" + domain;
        Api.create("/access/users", "{\"email\":\"%s\",\"name\":\"%s\"}".formatted(email, name));
        return email;
    }

    private static String run(String policies) {
        Api.Answer started = Api.must("POST", "/access/policy-tests", "{\"policies\":" + policies + "}");
        assertThat(started.result().path("status").asString()).isEqualTo("success");
        return started.id();
    }

    private Map<String, String> verdicts(String test, String filter) {
        Map<String, String> verdicts = new TreeMap<>();
        for (int page = 1; ; page++) {
            JsonNode users = Api.get("/access/policy-tests/" + test + "/users?per_page=50&page=" + page + filter)
                    .result();
            users.valueStream()
                    .filter(user -> user.path("email").asString().endsWith("@" + domain))
                    .forEach(user -> verdicts.put(
                            user.path("email").asString(), user.path("status").asString()));
            if (users.isEmpty()) {
                return verdicts;
            }
        }
    }

    @Test
    void aStoredAndAnUnstoredPolicyTogetherSayWhomTheyLetInAndWhomNot() {
        String ada = user("ada");
        String bob = user("bob");
        String stored = Api.create("/access/policies", """
                        {"name": "%s", "decision": "allow", "include": [{"email": {"email": "%s"}}]}""".formatted(Api.unique("Only Ada"), ada))
                .id();

        String alone = run("[\"" + stored + "\"]");
        String together = run("""
                ["%s", {"name": "Everybody", "decision": "allow", "include": [{"everyone": {}}]}]""".formatted(stored));

        assertThat(verdicts(alone, "")).containsEntry(ada, "approved").containsEntry(bob, "blocked");
        assertThat(verdicts(alone, "&status=fail")).containsOnlyKeys(bob);
        assertThat(verdicts(together, "&status=success")).containsOnlyKeys(ada, bob);
        JsonNode summary = Api.get("/access/policy-tests/" + together).result();
        assertThat(summary.path("status").asString()).isEqualTo("complete");
        assertThat(summary.path("users_approved").asInt())
                .isEqualTo(summary.path("total_users").asInt())
                .isGreaterThanOrEqualTo(2);
        assertThat(summary.path("percent_approved").asInt()).isEqualTo(100);
    }

    @Test
    void whomNothingButTheAddressIsKnownOfIsAnErrorWhereThePolicyAsksForMore() {
        String ada = user("ada");
        String provider = Api.oneTimePin();

        String test = run("""
                [{"name": "By PIN", "decision": "allow", "include": [{"login_method": {"id": "%s"}}]}]""".formatted(provider));

        assertThat(verdicts(test, "&status=error")).containsOnlyKeys(ada);
    }

    @Test
    void do04OfResultsTheNewestAreKept() {
        Api.jdbc().sql("""
                        insert into policy_tests
                        select gen_random_uuid(), now() - interval '1 hour', '[]' from generate_series(1, ?)""").param(PolicyTests.MOST_KEPT).update();

        String newest = run("""
                [{"name": "Everybody", "decision": "allow", "include": [{"everyone": {}}]}]""");

        assertThat(Api.jdbc()
                        .sql("select count(*) from policy_tests")
                        .query(Integer.class)
                        .single())
                .isEqualTo(PolicyTests.MOST_KEPT);
        assertThat(Api.get("/access/policy-tests/" + newest).status()).isEqualTo(200);
    }

    @Test
    void whatCannotBeTestedIsRefusedAtItsPlace() {
        assertThat(Api.call("POST", "/access/policy-tests", "{}")
                        .error()
                        .at("/source/pointer")
                        .asString())
                .isEqualTo("/policies");
        Api.Answer unknown = Api.call("POST", "/access/policy-tests", """
                {"policies": ["00000000-0000-4000-8000-000000000000"]}""");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.error().at("/source/pointer").asString()).isEqualTo("/policies/0");
        Api.Answer broken = Api.call("POST", "/access/policy-tests", """
                {"policies": [{"name": "x", "decision": "allow", "include": [{"email": {"email": 5}}]}]}""");
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.error().at("/source/pointer").asString()).startsWith("/policies/0/include/0");
        assertThat(Api.get("/access/policy-tests/00000000-0000-4000-8000-000000000000")
                        .status())
                .isEqualTo(404);
    }
}
