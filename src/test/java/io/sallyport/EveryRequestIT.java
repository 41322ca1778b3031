package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.catalog.PostgresServer;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every request is decided anew, from the token and the snapshot alone: a changed policy, group or person acts on running sessions and
 * disturbs nobody it still admits, and with the database gone signed-in people work on.
 */
class EveryRequestIT {
    private static final Duration PROPAGATION = Duration.ofSeconds(30);

    private static FakeIdp idp;
    private static SampleSite site;
    private static TestServer server;
    private static AdminClient admin;
    private static String provider;

    @BeforeAll
    static void start() {
        idp = FakeIdp.start();
        site = SampleSite.start();
        server = TestServer.embedded(Map.of());
        admin = server.admin();
        provider = admin.post("/access/identity_providers", """
                        {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "claims":["department"],"pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()))
                .get("id")
                .asString();
    }

    @AfterAll
    static void stop() {
        server.close();
        idp.close();
        site.close();
    }

    @Test
    void aPolicyThatNowLooksAtAnotherFactDisturbsNobodyItStillAdmits() {
        String policy = policy(include("\"email_domain\":{\"domain\":\"example.com\"}"));
        String host = application("facts", policy);
        Visitor ada = signedIn(host);
        String first = ada.cookie(host, "CF_Authorization");

        admin.put("/access/policies/" + policy, include(claim("research")));
        await("the re-issued token")
                .atMost(PROPAGATION)
                .until(() ->
                        !ada.cookie(host, "CF_Authorization").equals(first) | background(ada, host, "/poll") != 200);
        assertThat(background(ada, host, "/background"))
                .as("no 401, no redirect")
                .isEqualTo(200);
        assertThat(site.lastVisitTo("/background").headers().getFirst("Cf-Access-Jwt-Assertion"))
                .isEqualTo(ada.cookie(host, "CF_Authorization"))
                .isNotEqualTo(first);

        admin.put("/access/policies/" + policy, include(claim("sales")));
        await("the refusal").atMost(PROPAGATION).until(() -> background(ada, host, "/poll") == 403);

        admin.put("/access/policies/" + policy, include(claim("research")));
        await("the same session, admitted again")
                .atMost(PROPAGATION)
                .until(() -> background(ada, host, "/poll") == 200);
    }

    @Test
    void aGroupThatChangesActsOnRunningSessions() {
        String group = admin.post("/access/groups", """
                        {"name":"owls","include":[{"email":{"email":"ada@example.com"}}]}""").get("id").asString();
        String host = application("groups", policy(include("\"group\":{\"id\":\"%s\"}".formatted(group))));
        Visitor ada = signedIn(host);
        admin.put(
                "/access/groups/" + group,
                "{\"name\":\"owls\",\"include\":[{\"email\":{\"email\":\"eve@example.com\"}}]}");
        await("the refusal").atMost(PROPAGATION).until(() -> background(ada, host, "/poll") == 403);
    }

    @Test
    void aPersonWhoIsRevokedIsOutAtOnceEverywhere() {
        String host = application("revoked", policy(include("\"everyone\":{}")));
        // Nobody else's person: for a minute after this they are refused every sign-in.
        idp.misbehave(new FakeIdp.Misbehaviour().claim("sub", "rosa").claim("email", "rosa@example.com"));
        Visitor rosa = signedIn(host);
        idp.behave();
        admin.post("/access/organizations/revoke_user", "{\"email\":\"rosa@example.com\"}");
        await("the end of the session").atMost(PROPAGATION).until(() -> background(rosa, host, "/poll") == 401);
        Answer again = rosa.get(server.url(host, "/"));
        assertThat(again.status()).isEqualTo(302);
        assertThat(again.header("location")).contains("/cdn-cgi/access/login/" + host);
    }

    @Test
    void aPersonWhoseAddressAnAdminChangesIsDecidedByTheNewOne() {
        String host = application("renamed", policy(include("\"email\":{\"email\":\"joan@example.com\"}")));
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "joan@example.com"));
        Visitor joan = signedIn(host);
        idp.behave();
        String user = admin.get("/access/users?email=joan@example.com")
                .get(0)
                .get("id")
                .asString();

        admin.put("/access/users/" + user, "{\"email\":\"joan@elsewhere.example\"}");
        await("the refusal").atMost(PROPAGATION).until(() -> background(joan, host, "/poll") == 403);
        admin.put("/access/users/" + user, "{\"email\":\"joan@example.com\"}");
        await("the same session, admitted again")
                .atMost(PROPAGATION)
                .until(() -> background(joan, host, "/poll") == 200);
    }

    @Test
    void jw02_whenAKeyWasStolenAllGoAtOnceWithWhatTheySigned() {
        String host = application("stolen", policy(include("\"everyone\":{}")));
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "hedy@example.com"));
        Visitor hedy = signedIn(host);
        admin.post("/access/keys/rotate?at_once=true", "");
        await("the end of what the old key signed")
                .atMost(PROPAGATION)
                .until(() -> background(hedy, host, "/poll") == 401);
        assertThat(signedIn(host).cookie(host, "CF_Authorization")).isNotEmpty();
        idp.behave();
    }

    @Test
    void fc01_withTheDatabaseGoneSignedInPeopleWorkOnAndNothingWidens() {
        String host = application("outage", policy(include("\"email\":{\"email\":\"grace@example.com\"}")));
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "grace@example.com"));
        Visitor grace = signedIn(host);
        idp.behave();
        PostgresServer database = server.context().getBean(PostgresServer.class);
        database.pause();
        try (ClosedPort _ = ClosedPort.at(
                URI.create(database.jdbcUrl("x").substring("jdbc:".length())).getPort())) {
            for (int i = 0; i < 200; i++) {
                assertThat(background(grace, host, "/during-" + i)).isEqualTo(200);
            }
            Answer login = new Visitor().open(server.url(host, "/stranger"));
            assertThat(login.status()).as("a new login").isEqualTo(503);
            assertThat(site.visits()).noneMatch(visit -> visit.pathAndQuery().equals("/stranger"));
            assertThat(admin.call("POST", "/access/policies", include("\"everyone\":{}"))
                            .status())
                    .as("an admin write")
                    .isEqualTo(503);
            assertThat(background(grace, host, "/after-writes")).isEqualTo(200);
        } finally {
            database.resume();
        }
        await("writes to work again")
                .atMost(Duration.ofSeconds(30))
                .until(() -> admin.call("POST", "/access/tags", "{\"name\":\"back\"}")
                                .status()
                        == 200);
        assertThat(background(grace, host, "/recovered")).isEqualTo(200);
    }

    private static Visitor signedIn(String host) {
        Visitor visitor = new Visitor();
        Answer page = visitor.open(server.url(host, "/"));
        assertThat(page.status()).as("signed in to %s: %s", host, page.body()).isEqualTo(200);
        return visitor;
    }

    /** A request that cannot follow a redirect to a login page. */
    private static int background(Visitor visitor, String host, String path) {
        visitor.header("X-Requested-With", "XMLHttpRequest");
        try {
            return visitor.get(server.url(host, path)).status();
        } finally {
            visitor.header("X-Requested-With", "");
        }
    }

    private static String include(String rule) {
        return "{\"name\":\"Admitted\",\"decision\":\"allow\",\"include\":[{%s}]}".formatted(rule);
    }

    private static String claim(String value) {
        return "\"oidc\":{\"identity_provider_id\":\"%s\",\"claim_name\":\"department\",\"claim_value\":\"%s\"}"
                .formatted(provider, value);
    }

    private static String policy(String body) {
        return admin.post("/access/policies", body).get("id").asString();
    }

    private static String application(String name, String policy) {
        String host = name + ".localhost";
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"%s","domain":"%s","allowed_idps":["%s"],"auto_redirect_to_identity":true,
                 "policies":["%s"]}""".formatted(name, host, provider, policy));
        await(host)
                .atMost(PROPAGATION)
                .until(() -> new Visitor().get(server.url(host, "/")).status() == 302);
        return host;
    }
}
