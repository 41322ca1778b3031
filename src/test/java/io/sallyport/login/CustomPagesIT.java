package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pages admins write, from the API to the browser that shows them, and what such a page cannot do there. */
class CustomPagesIT {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    private String page(String type, int contract, String html) {
        return world.admin
                .post(
                        "/access/custom_pages",
                        JSON.writeValueAsString(Map.of(
                                "name", "Ours", "type", type, "contract_version", contract, "custom_html", html)))
                .get("uid")
                .asString();
    }

    private void publish(String host, String policy, String pages) {
        world.application(host, policy, ",\"custom_pages\":[%s]".formatted(pages));
        await("the application")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !new Visitor().get(world.url(host, "/")).body().contains("No application"));
    }

    private Answer signIn(String host) {
        Answer page = visitor.open(world.url(host, "/"));
        return visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with Fake"))));
    }

    private static String policy(Answer answer) {
        return String.join(";", answer.headers().getOrDefault("content-security-policy", List.of()));
    }

    @Test
    void er01ATemplateShowsItsValuesEscapedAndUnderAPolicyWithoutScriptsOnTheTeamDomain() {
        String page = page("identity_denied", 1, """
                <h1>{{ organization_name }}</h1><p id=w>{{ email }} may not open {{ app_name }}. {{ unheard_of }}</p>
                {% if another_account_url %}<a href="{{ another_account_url }}">Other</a>{% endif %}<b>{{ ray_id }}</b>""");
        publish("templated.localhost", world.policy("Nobody we know", "elsewhere.example"), "\"" + page + "\"");
        world.admin.put("/access/organizations", "{\"name\":\"<img onerror=x>\"}");
        try {
            await("the name").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                Answer refused = signIn("templated.localhost");
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.url()).startsWith(world.url(TEAM, "/"));
                assertThat(refused.body())
                        .contains("ada@example.com may not open templated.localhost.")
                        .contains("&lt;img onerror&#61;x&gt;")
                        .doesNotContain("<img onerror")
                        .contains("/cdn-cgi/access/login/templated.localhost?kid&#61;");
                assertThat(policy(refused))
                        .contains("sandbox")
                        .doesNotContain("script")
                        .contains("form-action 'none'");
                assertThat(refused.headers().get("cache-control")).contains("no-store");
            });
        } finally {
            world.admin.put("/access/organizations", "{\"name\":\"Sallyport\"}");
        }
    }

    @Test
    void theOrganisationsPageStandsWhereTheApplicationHasNoneOfThatType() {
        String everywhere = page("forbidden", 0, "<p>Not from {{ here }}.</p>");
        String own = page("forbidden", 1, "<p>Not even {{ app_name }}.</p>");
        String other = page("identity_denied", 0, "<p>Another kind.</p>");
        String blocked = world.admin
                .post("/access/policies", "{\"name\":\"No\",\"decision\":\"deny\",\"include\":[{\"everyone\":{}}]}")
                .get("id")
                .asString();
        world.admin.put("/access/organizations", "{\"custom_pages\":{\"forbidden\":\"%s\"}}".formatted(everywhere));
        try {
            publish("plainly.localhost", blocked, "\"" + other + "\"");
            publish("itself.localhost", blocked, "\"%s\",\"%s\"".formatted(other, own));

            assertThat(visitor.get(world.url("plainly.localhost", "/")).body())
                    .isEqualTo("<p>Not from {{ here }}.</p>");
            assertThat(visitor.get(world.url("itself.localhost", "/")).body())
                    .isEqualTo("<p>Not even itself.localhost.</p>");
            assertThat(new Visitor()
                            .header("Accept", "application/json")
                            .get(world.url("itself.localhost", "/"))
                            .body())
                    .as("programs get JSON")
                    .startsWith("{\"error\":\"forbidden\"");
            world.admin.delete("/access/custom_pages/" + everywhere);
            await("the page that is not the organisation's any more")
                    .until(() -> !visitor.get(world.url("plainly.localhost", "/"))
                            .body()
                            .contains("Not from"));
        } finally {
            world.admin.put("/access/organizations", "{\"custom_pages\":null}");
        }
        await("our page")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visitor.get(world.url("plainly.localhost", "/"))
                        .body()
                        .contains("One of its policies refuses you."));
    }

    @Test
    void idsThatNameNoPageAreRefusedByTheirPlace() {
        String nobody = "3f0b2e8a-9f57-4d3c-9d55-0a1f7b0f6a11";
        refused("POST", "/access/apps", """
                {"type":"self_hosted","name":"x","domain":"unpaged.localhost","custom_pages":["%s"]}""".formatted(nobody), "/custom_pages/0");
        refused(
                "PUT",
                "/access/organizations",
                "{\"custom_pages\":{\"identity_denied\":\"%s\"}}".formatted(nobody),
                "/custom_pages/identity_denied");
        refused(
                "PUT",
                "/access/organizations",
                "{\"custom_pages\":{\"forbidden\":\"none\"}}",
                "/custom_pages/forbidden");
        refused("POST", "/access/custom_pages", """
                {"name":"x","type":"forbidden","contract_version":1,"custom_html":"{% include 'x' %}"}""", "/custom_html");
    }

    private void refused(String method, String path, String body, String pointer) {
        AdminClient.Answer answer = world.admin.call(method, path, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.envelope().at("/errors/0").toString()).contains(pointer);
    }

    @Test
    void anUnknownNameIsWarnedAboutAndATypeThatIsNotShownToo() {
        AdminClient.Answer answer = world.admin.call("POST", "/access/custom_pages", """
                {"name":"x","type":"login","contract_version":1,"custom_html":"{{ user_name }}{{ login_3_url }}"}""");
        assertThat(answer.envelope().at("/result/warnings/0/message").asString())
                .contains("user_name");
        assertThat(answer.envelope().at("/result/warnings")).hasSize(1);
        world.admin.delete(
                "/access/custom_pages/" + answer.envelope().at("/result/uid").asString());
        AdminClient.Answer between = world.admin.call("POST", "/access/custom_pages", """
                {"name":"x","type":"interstitial","custom_html":"<p>"}""");
        assertThat(between.envelope().at("/result/type").asString()).isEqualTo("interstitial");
        assertThat(between.envelope().at("/result/warnings/0/message").asString())
                .contains("kept and not shown", "skip_interstitial");
        world.admin.delete(
                "/access/custom_pages/" + between.envelope().at("/result/uid").asString());
    }

    @Test
    void aLoginPageOfTheAdminsLeadsToEachWayOfSigningInAndToOurOwn() {
        String page = page("login", 1, """
                <h1>{{ app_name }} of {{ organization_name }}</h1>{% if login_1_url %}<a href="{{ login_1_url }}">With {{ login_1_name }}</a>{% endif %}
                {% if login_2_url %}<b>second</b>{% endif %}<a href="{{ login_url }}">All ways</a><form><input name=password></form>""");
        // Other tests of this world register providers of their own.
        publish(
                "greeted.localhost",
                world.policy("Greeted", "example.com"),
                "\"%s\"],\"allowed_idps\":[\"%s\",\"%s\"".formatted(page, world.provider, oneTimePin()));

        Answer greeting = visitor.open(world.url("greeted.localhost", "/here"));
        assertThat(greeting.status()).isEqualTo(200);
        assertThat(greeting.body()).contains("greeted.localhost of Sallyport").doesNotContain("second");
        assertThat(policy(greeting))
                .contains("sandbox", "form-action 'none'", "frame-ancestors 'none'")
                .doesNotContain("script", "allow-forms", "allow-same-origin");
        assertThat(greeting.setCookie("CF_Session")).isPresent();

        Answer ours = visitor.get(world.url(TEAM, link(greeting, "All ways")));
        assertThat(ours.body()).contains("Continue with Fake").contains("name=\"email\"");
        Answer in = visitor.follow(visitor.get(world.url(TEAM, link(greeting, "With Fake"))));
        assertThat(in.status()).isEqualTo(200);
        assertThat(in.url()).isEqualTo(world.url("greeted.localhost", "/here"));
    }

    private String oneTimePin() {
        for (JsonNode each : world.admin.get("/access/identity_providers?per_page=1000")) {
            if (each.path("type").asString().equals("onetimepin")) {
                return each.path("id").asString();
            }
        }
        throw new AssertionError("this world sends codes by mail");
    }

    private static String link(Answer page, String text) {
        return page.link(text).replace("&#61;", "=");
    }

    @Test
    void ad08PagesAreBoundedInNumberAndSize() {
        AdminClient.Answer large = world.admin.call(
                "POST",
                "/access/custom_pages",
                JSON.writeValueAsString(Map.of("name", "L", "type", "forbidden", "custom_html", "x".repeat(500_001))));
        assertThat(large.status()).isEqualTo(400);
        assertThat(large.envelope().at("/errors/0").toString()).contains("/custom_html", "500000");

        JdbcClient database = world.server.database().jdbc();
        try {
            fill(database, 18, 500_000);
            AdminClient.Answer full = write("x".repeat(500_000), 10);
            assertThat(full.envelope().at("/errors/0").toString()).contains("10000000 characters");
            database.sql("delete from custom_pages where name = 'Filler'").update();
            tidy();
            fill(
                    database,
                    99 - world.admin.get("/access/custom_pages?per_page=1000").size(),
                    1);
            AdminClient.Answer many = write("<p>", 2);
            assertThat(many.envelope().at("/errors/0").toString()).contains("there are 100 already");
        } finally {
            database.sql("delete from custom_pages where name = 'Filler'").update();
        }
    }

    /** So many pages at once: what counts is what the API says of the next one. */
    private static void fill(JdbcClient database, int pages, int characters) {
        database.sql("""
                        insert into custom_pages (id, name, type, html, body, created_at, updated_at)
                        select gen_random_uuid(), 'Filler', 'forbidden', repeat('x', ?), '{}', now(), now()
                        from generate_series(1, ?)""").params(characters, pages).update();
    }

    /** Writes pages until one is refused, at most that many. */
    private AdminClient.Answer write(String html, int times) {
        for (int i = 0; i < times; i++) {
            AdminClient.Answer answer = world.admin.call(
                    "POST",
                    "/access/custom_pages",
                    JSON.writeValueAsString(Map.of("name", "More", "type", "forbidden", "custom_html", html)));
            if (answer.status() != 200) {
                assertThat(answer.status()).isEqualTo(400);
                return answer;
            }
            extra.add(answer.envelope().at("/result/uid").asString());
        }
        throw new AssertionError("nothing was refused");
    }

    private final List<String> extra = new ArrayList<>();

    @AfterEach
    void tidy() {
        extra.forEach(id -> world.admin.delete("/access/custom_pages/" + id));
        extra.clear();
    }

    /** The worst an admin's page could try on an application's host, where the visitor has a session. */
    @Test
    void er01AScriptInAPageReachesNeitherCookiesNorTheApplicationNorOurOwnHosts() {
        String attack = """
                <p id=done>no</p><script>
                const out = [];
                try { out.push('cookie ' + document.cookie); } catch (e) { out.push('no cookies'); }
                try { out.push('storage ' + localStorage.length); } catch (e) { out.push('no storage'); }
                out.push('origin ' + self.origin);
                Promise.allSettled([fetch('/cdn-cgi/access/get-identity', {credentials: 'include'}),
                  fetch('http://auth.localhost/', {mode: 'no-cors'}), fetch('https://steal.example/', {mode: 'no-cors'})])
                  .then(all => { out.push(all.map(a => a.status).join());
                    document.getElementById('done').textContent = out.join('|'); });
                </script><form id=f method=post action="/cdn-cgi/access/logout"><button>Go</button></form>""";
        String denied = page("identity_denied", 0, attack);
        String staff = world.policy("Staff until they are not", "example.com");
        publish("attacked.localhost", staff, "\"" + denied + "\"");
        List<String> asked = new CopyOnWriteArrayList<>();
        try (BrowserContext context = Chromium.shared().newContext()) {
            Page page = context.newPage();
            page.navigate(world.url("attacked.localhost", "/"));
            page.getByText("Continue with Fake").click();
            page.waitForURL(world.url("attacked.localhost", "/"));
            world.admin.put(
                    "/access/policies/" + staff,
                    "{\"name\":\"Staff\",\"decision\":\"allow\",\"include\":[{\"email\":{\"email\":\"x@y.example\"}}]}");
            await("the refusal").atMost(Duration.ofSeconds(30)).until(() -> {
                page.navigate(world.url("attacked.localhost", "/"));
                return page.locator("#done").count() == 1;
            });
            page.onRequest(request -> asked.add(request.url()));

            page.waitForCondition(() -> page.locator("#done").textContent().contains("|"));
            assertThat(page.locator("#done").textContent())
                    .isEqualTo("no cookies|no storage|origin null|rejected,rejected,rejected");
            page.getByText("Go").click();
            assertThat(page.url()).isEqualTo(world.url("attacked.localhost", "/"));
            assertThat(asked).isEmpty();
        }
    }
}
