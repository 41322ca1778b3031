package io.sallyport.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** One whole server with a portal and applications behind it, shared by the tests of the portal. */
final class Portals {
    static final String TEAM = "auth.localhost";
    static final String WIKI = "wiki.localhost";
    static final String VAULT = "vault.localhost";

    private static Portals shared;

    final FakeIdp idp = FakeIdp.start();
    final SampleSite site = SampleSite.start();
    final TestServer server = TestServer.start(Map.of("sallyport.login.requests-per-minute", "5000"))
            .untilTheEnd();
    final AdminClient admin = server.admin();
    final Map<String, String> ids = new LinkedHashMap<>();
    final String provider;
    final String staff;

    static synchronized Portals shared() {
        if (shared == null) {
            shared = new Portals();
        }
        return shared;
    }

    private Portals() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            idp.close();
            site.close();
        }));
        provider = admin.post("/access/identity_providers", """
                        {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()))
                .get("id")
                .asString();
        staff = policy("Staff", "{\"email_domain\":{\"domain\":\"example.com\"}}");
        String strangers = policy("Strangers", "{\"email_domain\":{\"domain\":\"elsewhere.example\"}}");
        for (String tag : new String[] {"Engineering", "Office"}) {
            admin.post("/access/tags", "{\"name\":\"%s\"}".formatted(tag));
        }
        application("Team wiki", WIKI, staff, ",\"tags\":[\"Office\"]");
        application("Build server", "build.localhost/ci", staff, ",\"tags\":[\"Engineering\"]");
        application("Vault", VAULT, strangers, "");
        application("Unlisted", "unlisted.localhost", staff, ",\"app_launcher_visible\":false");
        application("Everything else", "*.rest.localhost", staff, "");
        create("Handbook", """
                {"type":"bookmark","name":"Handbook","domain":"https://handbook.example/start","tags":["Office"]}""");
        create("Board papers", """
                {"type":"bookmark","name":"Board papers","domain":"board.example","policies":["%s"]}""".formatted(strangers));
        create("Portal", """
                {"type":"app_launcher","name":"Portal","policies":["%s"],"landing_page_design":{"title":"Hello there",
                 "message":"Work begins here.","button_color":"#0b7285","button_text_color":"#0b7286"},"header_bg_color":"#173b2e","footer_links":[{"name":"Help desk","url":"https://help.example/"}]}""".formatted(staff));
        await("the portal to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(url(TEAM, "/")).body().contains("Hello there"));
    }

    String url(String host, String path) {
        return server.url(host, path);
    }

    String policy(String name, String include) {
        return admin.post(
                        "/access/policies",
                        "{\"name\":\"%s\",\"decision\":\"allow\",\"include\":[%s]}".formatted(name, include))
                .get("id")
                .asString();
    }

    void application(String name, String domain, String policy, String more) {
        admin.post(
                "/sallyport/origins",
                "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(domain.replaceAll("/.*", ""), site.url()));
        create(
                name,
                "{\"type\":\"self_hosted\",\"name\":\"%s\",\"domain\":\"%s\",\"policies\":[\"%s\"]%s}"
                        .formatted(name, domain, policy, more));
    }

    void create(String name, String json) {
        ids.put(name, admin.post("/access/apps", json).get("id").asString());
    }

    /** A browser of Ada's, who signed in at the portal. */
    Visitor ada() {
        Visitor ada = new Visitor();
        Answer door = ada.get(url(TEAM, "/"));
        Answer methods = ada.open(url(TEAM, door.link("Sign in")));
        Answer portal = methods.body().contains("Continue with Fake")
                ? ada.follow(ada.get(url(TEAM, methods.link("Continue with Fake"))))
                : methods;
        assertThat(portal.body()).contains("Your applications");
        return ada;
    }
}
