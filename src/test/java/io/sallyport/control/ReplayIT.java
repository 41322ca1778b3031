package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.AppId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ReplayIT {
    private final String domain = Api.unique("replay") + ".example";
    private final String ada = user("ada@" + domain);
    private final String bob = user("bob@other-" + domain);
    private final String host = Api.uniqueHost();
    private final String policy = Api.create("/access/policies", allow(domain)).id();
    private final String app =
            Api.create("/access/apps", """
            {"type":"self_hosted","name":"%s","domain":"%s","policies":["%s"]}""".formatted(host, host, policy)).id();

    ReplayIT() {
        SnapshotHolder holder = Api.server().context().getBean(SnapshotHolder.class);
        await("the application to be in force").atMost(Duration.ofSeconds(30)).until(() -> {
            Snapshot current = holder.current();
            return current != null && current.applicationsById().containsKey(AppId.of(app));
        });
    }

    private static String user(String email) {
        Api.create("/access/users", "{\"email\":\"%s\"}".formatted(email));
        return email;
    }

    private static String allow(String domain) {
        return """
                {"name":"Staff %s","decision":"allow","include":[{"email_domain":{"domain":"%s"}}]}""".formatted(domain, domain);
    }

    private static JsonNode replay(String body) {
        return Api.must("POST", "/sallyport/replay", body).result();
    }

    private boolean hasExample(JsonNode kind, String who) {
        return kind.get("examples")
                .valueStream()
                .anyMatch(each -> each.get("who").asString().equals(who)
                        && each.get("application").asString().equals(host));
    }

    @Test
    void ad02examplesNamePeopleAndTheirVisitsSoATokenNeedsToSeeThoseToo() {
        assertThat(replayedBy("{\"policies\":\"read\"}")).isEqualTo(404);
        assertThat(replayedBy("{\"policies\":\"read\",\"logs\":\"read\"}")).isEqualTo(404);
        assertThat(replayedBy("{\"policies\":\"read\",\"logs\":\"read\",\"users\":\"read\"}"))
                .isEqualTo(200);
    }

    private static int replayedBy(String scopes) {
        return replayedBy(scopes, "{}");
    }

    private static int replayedBy(String scopes, String body) {
        String token = Api.create("/sallyport/tokens", """
                        {"name": "%s", "role": "auditor", "scopes": %s}""".formatted(Api.unique("replayer"), scopes))
                .result()
                .path("token")
                .asString();
        return Api.send(
                        "POST",
                        "/accounts/" + Api.account() + "/sallyport/replay",
                        body,
                        "Authorization",
                        "Bearer " + token)
                .status();
    }

    @Test
    void aChangedPolicySaysWhoGainsAndWhoLosesAndIsNotMade() {
        String before = Api.get("/access/policies/" + policy).response().body();
        long version = version();

        JsonNode answer = replay("""
                {"examples":1000,"policies":[{"id":"%s","name":"Staff","decision":"allow","include":[{"email_domain":{"domain":"other-%s"}}]}]}""".formatted(policy, domain));

        assertThat(hasExample(answer.get("gain"), bob)).isTrue();
        assertThat(hasExample(answer.get("lose"), ada)).isTrue();
        assertThat(answer.at("/users/asked").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(answer.at("/complete").asBoolean()).isTrue();
        assertThat(Api.get("/access/policies/" + policy).response().body()).isEqualTo(before);
        assertThat(version()).isEqualTo(version);
    }

    @Test
    void aWholeFileIsReplayedLikeTheSameChangeMadeSingly() {
        ObjectNode file = Api.get("/sallyport/export").object();
        file.path("policies").forEach(each -> {
            if (each.path("name").asString().equals("Staff " + domain)) {
                ((ObjectNode) each)
                        .withArray("include")
                        .removeAll()
                        .addObject()
                        .putObject("email")
                        .put("email", bob);
            }
        });
        long version = version();
        ObjectNode question = Api.json("{\"examples\":1000}");
        question.set("configuration", file);

        JsonNode answer = replay(question.toString());

        assertThat(hasExample(answer.get("gain"), bob)).isTrue();
        assertThat(hasExample(answer.get("lose"), ada)).isTrue();
        assertThat(version()).isEqualTo(version);
    }

    @Test
    void aFileThatCannotBeAppliedIsRefusedAtItsPlaceAndStandsAlone() {
        Api.Answer refused = Api.call("POST", "/sallyport/replay", """
                {"configuration": {"sallyport": 1, "groups": [{"name": "Odd", "include": [{"nosuch": {}}]}]}}""");
        Api.Answer both = Api.call("POST", "/sallyport/replay", """
                {"configuration": {"sallyport": 1}, "delete": {"groups": []}}""");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().at("/source/pointer").asString()).startsWith("/configuration/groups/0/include/0");
        assertThat(both.error().at("/source/pointer").asString()).isEqualTo("/delete");
    }

    @Test
    void ad02whoMayNotReadTheConfigurationLearnsNothingOfItByReplayingAFile() {
        String scopes = "{\"policies\":\"read\",\"logs\":\"read\",\"users\":\"read\"%s}";

        assertThat(replayedBy(scopes.formatted(""), "{\"configuration\":{\"sallyport\":1}}"))
                .isEqualTo(404);
        assertThat(replayedBy(scopes.formatted(",\"configuration\":\"read\""), "{\"configuration\":{\"sallyport\":1}}"))
                .isEqualTo(200);
    }

    @Test
    void aDeletedApplicationTakesItsPeopleWithIt() {
        JsonNode answer = replay("{\"examples\":1000,\"delete\":{\"applications\":[\"%s\"]}}".formatted(app));

        assertThat(hasExample(answer.get("lose"), ada)).isTrue();
        assertThat(answer.at("/lose/examples/0/after/reason").asString()).isEqualTo("no_application");
        assertThat(Api.get("/access/apps/" + app).status()).isEqualTo(200);
    }

    @Test
    void makingAPolicyReportOnlyTakesAwayWhatItGave() {
        JsonNode answer = replay("""
                {"examples":1000,"policies":[{"id":"%s","name":"Staff","decision":"allow",
                 "include":[{"email_domain":{"domain":"%s"}}],"sallyport_report_only":true}]}""".formatted(policy, domain));

        assertThat(hasExample(answer.get("lose"), ada)).isTrue();
    }

    @Test
    void aChangeThatCannotBeMadeIsRefusedForTheSameReasonAtItsPlace() {
        Api.Answer answer = Api.call("POST", "/sallyport/replay", """
                {"policies":[{"id":"%s","name":"Staff","decision":"allow",
                 "include":[{"group":{"id":"00000000-0000-0000-0000-000000000000"}}]}]}""".formatted(policy));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().at("/source/pointer").asString()).isEqualTo("/policies/0/include/0/group/id");
        assertThat(answer.error().at("/code").asInt()).isEqualTo(11020);
    }

    @Test
    void anEmptyChangeChangesNothingForAnybody() {
        JsonNode answer = replay("{}");

        assertThat(answer.at("/gain/count").asInt()).isZero();
        assertThat(answer.at("/lose/count").asInt()).isZero();
        assertThat(answer.at("/other/count").asInt()).isZero();
    }

    private static long version() {
        return Api.jdbc()
                .sql("select version from config_version")
                .query(Long.class)
                .single();
    }
}
