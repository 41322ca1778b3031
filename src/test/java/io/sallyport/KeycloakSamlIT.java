package io.sallyport;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.Keycloak;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * SAML against a real Keycloak in a real browser: its metadata imported by address, signed requests by redirect and by post, an
 * encrypted assertion within a signed response, and groups that decide.
 */
class KeycloakSamlIT {
    private static Keycloak keycloak;
    private static TestServer server;
    private static SampleSite site;
    private static Chromium chromium;
    private static AdminClient admin;
    private static String idp;

    @BeforeAll
    static void start() {
        keycloak = Keycloak.start();
        server = TestServer.start(Map.of());
        site = SampleSite.start();
        chromium = Chromium.launch();
        admin = server.admin();
        idp = admin.post("/access/identity_providers", """
                        {"name": "Keycloak", "type": "saml", "config": {"metadata_url": "%s", "attributes": ["groups"]}}""".formatted(keycloak.samlMetadata()))
                .get("id")
                .asString();
        String encryption = admin.post("/access/identity_providers/" + idp + "/saml_certificate", "{}")
                .get("public_cert")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"lab.localhost\",\"service\":\"%s\"}".formatted(site.url()));
        admin.post("/access/apps", """
                {"type": "self_hosted", "name": "Lab", "domain": "lab.localhost", "policies": [
                  {"name": "Engineers", "decision": "allow", "precedence": 1, "include": [
                    {"saml": {"identity_provider_id": "%s", "attribute_name": "groups", "attribute_value": "engineering"}}]}]}
                """.formatted(idp));
        String metadata = server.url("auth.localhost", "/cdn-cgi/access/" + idp + "/saml-metadata");
        await("the provider to be in our metadata")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(metadata).body().contains("use=\"encryption\""));
        String signing = new Visitor().get(metadata).body().replaceAll("(?s).*?<ds:X509Certificate>(.*?)</.*", "$1");
        keycloak.addSamlClient(server.url("auth.localhost", "/cdn-cgi/access/callback"), encryption, signing);
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        site.close();
        keycloak.close();
    }

    @Test
    void groupsDecideByRedirectAndByPost() {
        try (BrowserContext alice = chromium.browser().newContext()) {
            Page page = alice.newPage();
            signIn(page, "alice", "/first");
            assertThat(page).hasURL(server.url("lab.localhost", "/first"));
            assertThat(site.lastVisitTo("/first").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                    .isEqualTo("alice@example.com");
        }
        try (BrowserContext bob = chromium.browser().newContext()) {
            Page page = bob.newPage();
            signIn(page, "bob", "/bob");
            assertThat(page.locator("body")).containsText("bob@example.com");
            assertThat(site.visits()).noneMatch(visit -> visit.pathAndQuery().equals("/bob"));
        }
        var config = admin.get("/access/identity_providers/" + idp);
        ((tools.jackson.databind.node.ObjectNode) config.get("config"))
                .put("request_binding", "post")
                .remove("metadata_url");
        admin.put("/access/identity_providers/" + idp, config.toString());
        await("requests to be posted").atMost(Duration.ofSeconds(20)).until(() -> {
            Visitor visitor = new Visitor();
            return visitor.get(server.url(
                                    "auth.localhost",
                                    visitor.open(server.url("lab.localhost", "/"))
                                            .link("Continue with Keycloak")))
                            .status()
                    == 200;
        });
        try (BrowserContext posting = chromium.browser().newContext()) {
            Page page = posting.newPage();
            signIn(page, "alice", "/posted");
            assertThat(page).hasURL(server.url("lab.localhost", "/posted"));
        }
    }

    private static void signIn(Page page, String user, String path) {
        page.navigate(server.url("lab.localhost", path));
        page.getByText("Continue with Keycloak").click();
        page.getByLabel("Username or email").fill(user);
        page.locator("#password").fill(user + "-password");
        page.locator("#kc-login").click();
    }
}
