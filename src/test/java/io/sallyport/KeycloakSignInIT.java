package io.sallyport;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.Keycloak;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenID Connect against a real Keycloak in a real browser: groups decide, logout ends it, and a rotated key is picked up. */
class KeycloakSignInIT {
    private static Keycloak keycloak;
    private static TestServer server;
    private static SampleSite site;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        keycloak = Keycloak.start();
        server = TestServer.start(Map.of());
        site = SampleSite.start();
        chromium = Chromium.launch();
        AdminClient admin = server.admin();
        String idp = admin.post("/access/identity_providers", """
                        {"name": "Keycloak", "type": "oidc", "config": {"client_id": "sallyport", "client_secret": "%s",
                         "issuer": "%s", "scopes": ["openid", "email", "profile"], "claims": ["groups"], "pkce_enabled": true}}
                        """.formatted(Keycloak.CLIENT_SECRET, keycloak.issuer()))
                .get("id")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"lab.localhost\",\"service\":\"%s\"}".formatted(site.url()));
        admin.post("/access/apps", """
                {"type": "self_hosted", "name": "Lab", "domain": "lab.localhost", "policies": [
                  {"name": "Engineers", "decision": "allow", "precedence": 1, "include": [
                    {"oidc": {"identity_provider_id": "%s", "claim_name": "groups", "claim_value": "engineering"}}]}]}
                """.formatted(idp));
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        site.close();
        keycloak.close();
    }

    @Test
    void groupsDecideLogoutEndsAndARotatedKeyIsPickedUp() {
        try (BrowserContext alice = chromium.browser().newContext()) {
            Page page = alice.newPage();
            signIn(page, "alice", "alice-password", "/first");
            assertThat(page).hasURL(server.url("lab.localhost", "/first"));
            assertThat(site.lastVisitTo("/first").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                    .isEqualTo("alice@example.com");

            page.navigate(server.url("lab.localhost", "/cdn-cgi/access/logout"));
            page.navigate(server.url("lab.localhost", "/after-logout"));
            assertThat(page.url()).startsWith(server.url("auth.localhost", "/cdn-cgi/access/login/"));
        }

        try (BrowserContext bob = chromium.browser().newContext()) {
            Page page = bob.newPage();
            signIn(page, "bob", "bob-password", "/bob");
            assertThat(page.locator("body")).containsText("bob@example.com");
            assertThat(site.visits()).noneMatch(visit -> visit.pathAndQuery().equals("/bob"));
        }

        keycloak.rotateSigningKey();
        try (BrowserContext again = chromium.browser().newContext()) {
            Page page = again.newPage();
            signIn(page, "alice", "alice-password", "/rotated");
            assertThat(page).hasURL(server.url("lab.localhost", "/rotated"));
        }
    }

    private static void signIn(Page page, String user, String password, String path) {
        page.navigate(server.url("lab.localhost", path));
        page.getByText("Continue with Keycloak").click();
        page.getByLabel("Username or email").fill(user);
        page.locator("#password").fill(password);
        page.locator("#kc-login").click();
    }
}
