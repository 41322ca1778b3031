package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.VAULT;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the gate decided, found again by the id on the page, through the whole product. */
class DecisionsIT {
    private static final Pattern RAY = Pattern.compile("\\b[0-9a-f]{16}\\b");

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    private Answer signIn(String host) {
        Answer page = visitor.open(world.url(host, "/"));
        return visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with Fake"))));
    }

    private JsonNode decision(String id) {
        AdminClient admin = world.admin;
        await("decision " + id)
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        admin.call("GET", "/sallyport/decisions/" + id, null).status() == 200);
        return admin.get("/sallyport/decisions/" + id);
    }

    @Test
    void theIdOnTheRefusalPageLeadsToTheRuleAndTheValueItSaw() {
        Answer refused = signIn(VAULT);
        assertThat(refused.status()).isEqualTo(403);
        Matcher ray = RAY.matcher(refused.body());
        assertThat(ray.find()).as("the page shows its ray id").isTrue();

        JsonNode found = decision(ray.group());

        assertThat(found.at("/outcome").asString()).isEqualTo("denied");
        assertThat(found.at("/reason").asString()).isEqualTo("no_policy_matched");
        assertThat(found.at("/who/email").asString()).isEqualTo("ada@example.com");
        assertThat(found.at("/application/name").asString()).isEqualTo(VAULT);
        assertThat(found.at("/config_version").asLong()).isPositive();
        JsonNode rule = found.at("/tree/policies/0/include/0");
        assertThat(found.at("/tree/policies/0/name").asString()).isEqualTo("Strangers");
        assertThat(rule.at("/truth").asString()).isEqualTo("false");
        assertThat(rule.at("/saw").asString()).isEqualTo("ada@example.com");
        assertThat(rule.at("/rule/email_domain/domain").asString()).isEqualTo("elsewhere.example");
    }

    @Test
    void aVisitorWhoMustSignInAndOneWhoIsLetInAreFoundByPersonApplicationAndOutcome() {
        signIn(WIKI);

        await("both decisions").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(world.admin.get("/sallyport/decisions?outcome=login_required&app=" + WIKI))
                    .isNotEmpty();
            JsonNode mine = world.admin.get("/sallyport/decisions?email=ADA@example.com&outcome=allowed&app=" + WIKI);
            assertThat(mine)
                    .isNotEmpty()
                    .allMatch(each -> each.at("/who/email").asString().equals("ada@example.com"));
            JsonNode whole = decision(mine.get(0).get("id").asString());
            assertThat(whole.at("/tree/policies/0/effect").asString()).isEqualTo("admits");
        });
        assertThat(world.admin.get("/sallyport/decisions?since=2999-01-01T00:00:00Z"))
                .isEmpty();
    }

    @Test
    void aReportOnlyPolicyIsSeenInTheTreeAndRefusesNobody() {
        String host = "watched.localhost";
        String watch = world.admin.post("/access/policies", """
                        {"name":"Watch","decision":"deny","include":[{"everyone":{}}],"sallyport_report_only":true}""").get("id").asString();
        world.application(host, watch + "\",\"" + world.policy("Staff too", "example.com"), "");
        await("the application")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().get(world.url(host, "/")).status() == 302);

        assertThat(signIn(host).status()).isEqualTo(200);

        await("the decision").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonNode mine = world.admin.get("/sallyport/decisions?outcome=allowed&app=" + host);
            assertThat(mine).isNotEmpty();
            JsonNode tree = decision(mine.get(0).get("id").asString()).get("tree");
            assertThat(tree.at("/policies/0/effect").asString()).isEqualTo("refuses");
            assertThat(tree.at("/policies/0/sallyport_report_only").asBoolean()).isTrue();
            assertThat(tree.at("/with_report_only/outcome").asString()).isEqualTo("denied");
        });
    }

    @Test
    void whatWasDecidedBeforeIsReplayedWithAProposedPolicyAndSaysWhoWouldLoseIt() {
        String staff = world.policy("Staff for a while", "example.com");
        String host = "replayed.localhost";
        world.application(host, staff, "");
        await("the application")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().get(world.url(host, "/")).status() == 302);
        assertThat(signIn(host).status()).isEqualTo(200);
        await("the decision")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !world.admin
                        .get("/sallyport/decisions?outcome=allowed&app=" + host)
                        .isEmpty());

        JsonNode answer = world.admin.post("/sallyport/replay", """
                {"policies":[{"id":"%s","name":"Staff","decision":"allow",
                 "include":[{"oidc":{"identity_provider_id":"%s","claim_name":"department","claim_value":"nobody"}}]}]}""".formatted(staff, world.provider));

        assertThat(answer.at("/decisions/lose").asInt()).isPositive();
        assertThat(answer.at("/decisions/without_identity").asInt())
                .as("of other tests' people")
                .isEqualTo(world.admin
                        .post("/sallyport/replay", "{}")
                        .at("/decisions/without_identity")
                        .asInt());
        JsonNode lost = answer.at("/lose/examples/0");
        assertThat(lost.at("/who").asString()).isEqualTo("ada@example.com");
        assertThat(lost.at("/application").asString()).isEqualTo(host);
        assertThat(lost.at("/before/outcome").asString()).isEqualTo("allowed");
        assertThat(decision(lost.at("/decision_id").asString()).at("/outcome").asString())
                .isEqualTo("allowed");
    }

    @Test
    void aDecisionNobodyMadeIs404AndAnUnknownOutcomeIsRefusedByName() {
        assertThat(world.admin
                        .call("GET", "/sallyport/decisions/ffffffffffffffff", null)
                        .status())
                .isEqualTo(404);
        AdminClient.Answer bad = world.admin.call("GET", "/sallyport/decisions?outcome=maybe", null);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.envelope().at("/errors/0/message").asString()).contains("outcome");
    }
}
