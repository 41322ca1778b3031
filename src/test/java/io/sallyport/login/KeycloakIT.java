package io.sallyport.login;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.Keycloak;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A real Keycloak in a real browser, over both of its protocols; one of it for both, because its start takes half a minute. */
class KeycloakIT {
    private static Keycloak keycloak;
    private static TestServer server;
    private static SampleSite site;
    private static AdminClient admin;

    @BeforeAll
    static void start() {
        CompletableFuture<Keycloak> starting =
                CompletableFuture.supplyAsync(Keycloak::start, Thread::startVirtualThread);
        server = TestServer.start(Map.of());
        admin = server.admin();
        site = SampleSite.start();
        Chromium.shared();
        keycloak = starting.join();
    }

    @AfterAll
    static void stop() {
        server.close();
        site.close();
        keycloak.close();
    }

    /** OpenID Connect: groups decide, logout ends it, and a rotated key is picked up. */
    @Test
    void oidcGroupsDecideLogoutEndsAndARotatedKeyIsPickedUp() {
        String host = "oidc.localhost";
        String idp = provider("""
                {"name": "Keycloak", "type": "oidc", "config": {"client_id": "sallyport", "client_secret": "%s",
                 "issuer": "%s", "scopes": ["openid", "email", "profile"], "claims": ["groups"], "pkce_enabled": true}}
                """.formatted(Keycloak.CLIENT_SECRET, keycloak.issuer()));
        application(host, idp, """
                {"oidc": {"identity_provider_id": "%s", "claim_name": "groups", "claim_value": "engineering"}}""".formatted(idp));

        try (BrowserContext alice = Chromium.shared().newContext()) {
            Page page = alice.newPage();
            signIn(page, "alice", host, "/first");
            assertThat(page).hasURL(server.url(host, "/first"));
            assertThat(site.lastVisitTo("/first").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                    .isEqualTo("alice@example.com");

            page.navigate(server.url(host, "/cdn-cgi/access/logout"));
            page.navigate(server.url(host, "/after-logout"));
            assertThat(page.url()).startsWith(server.url("auth.localhost", "/cdn-cgi/access/login/"));
        }

        assertBobIsRefused(host, "/bob");

        keycloak.rotateSigningKey();
        try (BrowserContext again = Chromium.shared().newContext()) {
            Page page = again.newPage();
            signIn(page, "alice", host, "/rotated");
            assertThat(page).hasURL(server.url(host, "/rotated"));
        }
    }

    @Test
    void oi14WhoseSessionKeycloakEndsIsOutHereWithinFiveSeconds() {
        String host = "ended.localhost";
        String idp = provider("""
                {"name": "Keycloak", "type": "oidc", "config": {"client_id": "sallyport", "client_secret": "%s",
                 "issuer": "%s", "scopes": ["openid", "email", "profile"], "pkce_enabled": true}}
                """.formatted(Keycloak.CLIENT_SECRET, keycloak.issuer()));
        application(host, idp, "{\"email\": {\"email\": \"alice@example.com\"}}");
        keycloak.tellLogoutsTo(server.url("auth.localhost", "/cdn-cgi/access/backchannel-logout/" + idp));
        try (BrowserContext alice = Chromium.shared().newContext()) {
            Page page = alice.newPage();
            signIn(page, "alice", host, "/open");
            assertThat(page).hasURL(server.url(host, "/open"));
            page.navigate(server.url(host, "/still-open"));
            assertThat(page).hasURL(server.url(host, "/still-open"));

            keycloak.endSessionsOf("alice");

            BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
            await("alice to be out").until(() -> {
                page.navigate(server.url(host, "/closed"));
                return page.url().startsWith(server.url("auth.localhost", "/cdn-cgi/access/login/"));
            });
            assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(5)));
        }
    }

    /**
     * SAML: metadata imported by address, signed requests by redirect and by post, an encrypted assertion within a signed response,
     * and groups that decide.
     */
    @Test
    void samlGroupsDecideByRedirectAndByPost() {
        String host = "saml.localhost";
        String idp = provider("""
                {"name": "Keycloak", "type": "saml", "config": {"metadata_url": "%s", "attributes": ["groups"]}}""".formatted(keycloak.samlMetadata()));
        introduceUsTo(keycloak, idp);
        application(host, idp, """
                {"saml": {"identity_provider_id": "%s", "attribute_name": "groups", "attribute_value": "engineering"}}""".formatted(idp));

        try (BrowserContext alice = Chromium.shared().newContext()) {
            Page page = alice.newPage();
            signIn(page, "alice", host, "/redirected");
            assertThat(page).hasURL(server.url(host, "/redirected"));
            assertThat(site.lastVisitTo("/redirected").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                    .isEqualTo("alice@example.com");
        }

        assertBobIsRefused(host, "/bob-by-saml");

        JsonNode config = admin.get("/access/identity_providers/" + idp);
        ((ObjectNode) config.get("config")).put("request_binding", "post").remove("metadata_url");
        admin.put("/access/identity_providers/" + idp, config.toString());
        await("requests to be posted").atMost(Duration.ofSeconds(20)).until(() -> {
            Visitor visitor = new Visitor();
            return visitor.get(server.url(
                                    "auth.localhost",
                                    visitor.open(server.url(host, "/")).link("Continue with Keycloak")))
                            .status()
                    == 200;
        });
        try (BrowserContext posting = Chromium.shared().newContext()) {
            Page page = posting.newPage();
            signIn(page, "alice", host, "/posted");
            assertThat(page).hasURL(server.url(host, "/posted"));
        }
    }

    private static String provider(String body) {
        return admin.post("/access/identity_providers", body).get("id").asString();
    }

    /** An application on a host of its own, for one provider and those whom this rule includes. */
    private static void application(String host, String idp, String include) {
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
        admin.post("/access/apps", """
                {"type": "self_hosted", "name": "Lab", "domain": "%s", "allowed_idps": ["%s"], "policies": [
                  {"name": "Engineers", "decision": "allow", "precedence": 1, "include": [%s]}]}
                """.formatted(host, idp, include));
        await("the application to be known")
                .until(() -> new Visitor().get(server.url(host, "/")).status() == 302);
    }

    /** Makes us known there, with the certificates of our metadata. */
    private static void introduceUsTo(Keycloak keycloak, String idp) {
        String encryption = admin.post("/access/identity_providers/" + idp + "/saml_certificate", "{}")
                .get("public_cert")
                .asString();
        String metadata = server.url("auth.localhost", "/cdn-cgi/access/" + idp + "/saml-metadata");
        await("the provider to be in our metadata")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(metadata).body().contains("use=\"encryption\""));
        String signing = new Visitor().get(metadata).body().replaceAll("(?s).*?<ds:X509Certificate>(.*?)</.*", "$1");
        keycloak.addSamlClient(server.url("auth.localhost", "/cdn-cgi/access/callback"), encryption, signing);
    }

    private static void assertBobIsRefused(String host, String path) {
        try (BrowserContext bob = Chromium.shared().newContext()) {
            Page page = bob.newPage();
            signIn(page, "bob", host, path);
            assertThat(page.locator("body")).containsText("bob@example.com");
            assertThat(site.visits()).noneMatch(visit -> visit.pathAndQuery().equals(path));
        }
    }

    private static void signIn(Page page, String user, String host, String path) {
        page.navigate(server.url(host, path));
        page.getByText("Continue with Keycloak").click();
        page.getByLabel("Username or email").fill(user);
        page.locator("#password").fill(user + "-password");
        page.locator("#kc-login").click();
    }
}
