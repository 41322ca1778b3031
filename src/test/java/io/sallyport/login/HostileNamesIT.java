package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.tunnel.TunnelServer;
import io.sallyport.tunnel.wire.ControlCall;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * ER-01: a world in which every text that anybody can bring in is an attack on the browser that shows it: what admins name, what an
 * identity provider says of a person, what a visitor sends, and what a connector says of itself.
 */
class HostileNamesIT extends AtTheConsole {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HOST = "hostile.localhost";

    /** What is taken away afterwards, the last first. */
    private final List<String> made = new ArrayList<>();

    private ObjectNode organization;

    /** Runs wherever it stands in markup, in an attribute or in a script; and says where it came from. */
    private static String evil(String from) {
        return "\"'></script></title><img src=x onerror=\"window.pwned='%1$s'\"><svg onload=\"window.pwned='%1$s'\">{{7*7}} %1$s"
                .formatted(from);
    }

    private static String quoted(String from) {
        return JSON.writeValueAsString(evil(from));
    }

    private String make(String path, String body) {
        JsonNode result = world.admin.post(path, body);
        String id = result.path("id").asString(result.path("uid").asString(""));
        made.add(path + "/" + id + (path.equals("/cfd_tunnel") ? "?cascade=true" : ""));
        return id;
    }

    @AfterEach
    void cleanUp() {
        if (organization != null) {
            world.admin.put("/access/organizations", organization.toString());
        }
        List<String> left = made.reversed().stream()
                .filter(path -> world.admin.call("DELETE", path, null).status() != 200)
                .toList();
        assertThat(left).as("others search for such names, too").isEmpty();
    }

    @Test
    void er01EveryTextThatAnybodyBringsInIsTextInEveryView() {
        Map<String, String> ids = new LinkedHashMap<>();
        adminsWrite(ids);
        try (TestConnector connector = connects(ids.get("tunnel"))) {
            aPersonComes();
            Page page = console.admin();
            ids.forEach((kind, id) -> views(page, kind, id));
            look(page, "settings", "organization");
            look(page, "tags?search=onerror", "tag");
            look(page, "tokens?search=onerror", "token");
            look(page, "tunnels/" + ids.get("tunnel"), "tunnel", "version", "arch", "local-host", "local-service");
            look(page, "people?search=mallory", "person");
            look(page, "people/" + person(), "person", "group", "department");
            look(page, "decisions?app=" + HOST, "app");
            look(page, "decisions/" + decision(), "app", "policy", "wanted");
            look(page, "audit", "tunnel");
            look(page, "", "app");
            assertThat(connector.closed()).isNotDone();
        }
    }

    private static final Map<String, String> PLACES = Map.ofEntries(
            Map.entry("policy", "policies"),
            Map.entry("app", "applications"),
            Map.entry("bookmark", "bookmarks"),
            Map.entry("group-of-rules", "groups"),
            Map.entry("list", "lists"),
            Map.entry("provider", "providers"),
            Map.entry("issuer", "workload-issuers"),
            Map.entry("authority", "certificates"),
            Map.entry("page", "pages"),
            Map.entry("admin", "admin-tokens"),
            Map.entry("tunnel", "tunnels"));

    /** The list it is in, the thing itself, and the form to change it. */
    private void views(Page page, String kind, String id) {
        String place = PLACES.get(kind);
        if (kind.equals("tunnel")) {
            look(page, place); // searched by the beginning of a name
        } else {
            look(page, place + "?search=onerror", kind);
        }
        look(page, place + "/" + id, kind);
        look(page, place + "/" + id + "?edit=1", kind);
    }

    private void look(Page page, String place, String... from) {
        go(page, place);
        harmless(page, place, from);
    }

    private static void harmless(Page page, String where, String... from) {
        assertThat(page.evaluate("window.pwned ?? null")).as(where).isNull();
        assertThat(page.evaluate("document.querySelectorAll('img[src=\"x\"], [onload], [onerror]').length"))
                .as(where)
                .isEqualTo(0);
        String shown = (String)
                page.evaluate(
                        "document.body.textContent + [...document.querySelectorAll('input, textarea')].map(e => e.value).join(' ')");
        for (String each : from) {
            assertThat(shown).as(where + " shows it").contains("window.pwned='" + each + "'");
        }
    }

    private void adminsWrite(Map<String, String> ids) {
        organization = JSON.createObjectNode();
        JsonNode before = world.admin.get("/access/organizations");
        organization.set("name", before.path("name"));
        organization.set("login_design", before.has("login_design") ? before.get("login_design") : JSON.nullNode());
        world.admin.put(
                "/access/organizations", """
                {"name":%s,"login_design":{"header_text":%s,"footer_text":%s}}""".formatted(quoted("organization"), quoted("header"), quoted("footer")));
        String tag = "<img src=x onerror=\"window.pwned='tag'\">";
        made.add(
                "/access/tags/" + URLEncoder.encode(tag, StandardCharsets.UTF_8).replace("+", "%20"));
        world.admin.post(
                "/access/tags", JSON.createObjectNode().put("name", tag).toString());
        ids.put("provider", make("/access/identity_providers", """
                {"name":%s,"type":"oidc","config":{"client_id":"%s","client_secret":%s,"issuer":"%s","claims":["department"]}}""".formatted(
                quoted("provider"), FakeIdp.CLIENT, JSON.writeValueAsString(FakeIdp.SECRET), world.idp.issuer())));
        ids.put("list", make("/gateway/lists", """
                {"name":%s,"type":"EMAIL","description":%s,"items":[{"value":"a@b.example","description":%s}]}""".formatted(
                        quoted("list"), quoted("list-description"), quoted("item"))));
        ids.put("group-of-rules", make("/access/groups", """
                {"name":%s,"include":[{"email_list":{"id":"%s"}}]}""".formatted(quoted("group-of-rules"), ids.get("list"))));
        ids.put("policy", make("/access/policies", """
                {"name":%s,"decision":"allow","include":[{"oidc":{"identity_provider_id":"%s","claim_name":"department","claim_value":%s}},
                 {"group":{"id":"%s"}}]}""".formatted(
                        quoted("policy"), ids.get("provider"), quoted("wanted"), ids.get("group-of-rules"))));
        make("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(HOST, world.site.url()));
        ids.put("app", make("/access/apps", """
                {"type":"self_hosted","name":%s,"domain":"%s","policies":["%s"],"allowed_idps":["%s"],"custom_deny_message":%s,
                 "tags":[%s]}""".formatted(
                        quoted("app"),
                        HOST,
                        ids.get("policy"),
                        ids.get("provider"),
                        quoted("message"),
                        JSON.writeValueAsString(tag))));
        ids.put("bookmark", make("/access/apps", """
                {"type":"bookmark","name":%s,"domain":"https://example.com"}""".formatted(quoted("bookmark"))));
        make("/access/service_tokens", "{\"name\":%s}".formatted(quoted("token")));
        ids.put("issuer", make("/sallyport/workload_issuers", """
                {"name":%s,"issuer":"https://hostile.example","jwks_url":"https://hostile.example/keys","audience":%s}""".formatted(quoted("issuer"), quoted("audience"))));
        ids.put("authority", make("/access/certificates", """
                {"name":%s,"certificate":%s}""".formatted(
                quoted("authority"),
                JSON.writeValueAsString(TestClientAuthority.root("<img src=x>").pem()))));
        ids.put("page", make("/access/custom_pages", """
                {"name":%s,"type":"forbidden","custom_html":%s}""".formatted(quoted("page"), quoted("html"))));
        ids.put("admin", make("/sallyport/tokens", "{\"name\":%s,\"role\":\"auditor\"}".formatted(quoted("admin"))));
        ids.put("tunnel", make("/cfd_tunnel", """
                {"name":%s,"config_src":"local","tunnel_secret":"%s"}""".formatted(
                        quoted("tunnel"), Base64.getEncoder().encodeToString(SECRET))));
    }

    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** A connector that says of itself, and of its own file, what it likes. */
    private TestConnector connects(String tunnel) {
        SnapshotHolder snapshots = world.server.context().getBean(SnapshotHolder.class);
        await("the tunnel to be in force")
                .until(() -> snapshots.current() instanceof Snapshot now
                        && now.tunnels().containsKey(new TunnelId(UUID.fromString(tunnel))));
        TestConnector connector = TestConnectorHttp2.dial(
                world.server.context().getBean(TunnelServer.class).port(),
                new TestConnector.Claim(world.admin.account(), UUID.fromString(tunnel), SECRET, UUID.randomUUID(), 0),
                evil("version"),
                evil("arch"));
        connector.registered();
        ObjectNode file = JSON.createObjectNode();
        file.putArray("ingress").addObject().put("hostname", evil("local-host")).put("service", evil("local-service"));
        connector.call(new ControlCall.LocalConfiguration(JSON.writeValueAsBytes(file)));
        await("what it said to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> world.admin
                                .get("/sallyport/tunnels/" + tunnel + "/activity")
                                .toString()
                                .contains("'version'")
                        && world.admin
                                .get("/cfd_tunnel/" + tunnel + "/configurations")
                                .toString()
                                .contains("'local-host'"));
        return connector;
    }

    /** Mallory's provider and browser say what they like; our pages for visitors show it, and the rule that keeps them out. */
    private void aPersonComes() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.putAll(Map.of(
                    "sub", "hostile-7",
                    "email", "mallory@example.com",
                    "name", evil("person"),
                    "department", evil("department"),
                    "groups", List.of(evil("group"))));
            return claims;
        }));
        awaitStatus(HOST, 302);
        Page visitor = console.page(ConsoleBrowser.wide().setUserAgent(evil("browser")));
        visitor.navigate(world.url(HOST, "/%3Cimg%20src=x%20onerror=%22window.pwned='path'%22%3E"));
        harmless(visitor, "the sign-in page", "organization", "app", "provider", "header", "footer");
        visitor.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Continue with"))
                .first()
                .click();
        visitor.waitForURL(url -> url.contains(HOST) || url.contains("/callback"));
        harmless(visitor, "the refusal", "message");
        visitor.navigate(world.url(TEAM, "/account"));
        harmless(visitor, "the account page");
        assertThat(visit(WIKI).status())
                .as("elsewhere the same person is let in")
                .isEqualTo(200);
        made.add("/access/users/" + person());
        console.complaints().removeIf(each -> each.contains("status of 403"));
    }

    private String person() {
        return world.admin.get("/access/users?search=mallory").get(0).get("id").asString();
    }

    private String decision() {
        await("the decision")
                .atMost(Duration.ofSeconds(10))
                .until(() -> !world.admin
                        .get("/sallyport/decisions?outcome=denied&app=" + HOST)
                        .isEmpty());
        return world.admin
                .get("/sallyport/decisions?outcome=denied&app=" + HOST)
                .get(0)
                .get("id")
                .asString();
    }
}
