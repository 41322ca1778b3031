package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.CONSOLE;
import static io.sallyport.login.ConsoleBrowser.open;
import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static io.sallyport.login.ConsoleBrowser.wide;
import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.VAULT;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard in a real browser, by an admin who signs in, and by everybody who should not get anything out of it. */
class ConsoleIT extends AtTheConsole {
    private static final String EVIL = "<img src=x onerror=\"document.title='pwned'\">";

    private void publish(String host, String policy) {
        world.application(host, policy, "");
        awaitStatus(host, 302);
    }

    @Test
    void anAdminFindsARefusalAndSeesTheRuleAndTheValueItSaw() {
        assertThat(visit(VAULT).status()).isEqualTo(403);
        await("the decision")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !world.admin
                        .get("/sallyport/decisions?outcome=denied&app=" + VAULT)
                        .isEmpty());
        Page page = console.admin();
        picture(page, "overview");
        open(page, "Decisions");
        page.getByLabel("Application").fill(VAULT);
        page.getByLabel("Outcome").selectOption("denied");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Search"))
                .click();
        page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Decisions"))
                .waitFor();
        page.waitForURL("**/#/decisions?app=**");
        picture(page, "decisions");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("ada@example.com"))
                .first()
                .click();
        page.getByText("Why", new Page.GetByTextOptions().setExact(true)).waitFor();

        assertThat(page.locator(".tree").innerText())
                .contains("Strangers")
                .containsIgnoringCase("include")
                .contains("Emails ending in elsewhere.example")
                .contains("saw ada@example.com");
        picture(page, "decision");
    }

    @Test
    void anAdminEditsAPolicySeesWhoWouldLoseAccessAndTheVisitorIsRefused() {
        String host = "edited.localhost";
        String policy = world.policy("Staff to be edited", "example.com");
        publish(host, policy);
        assertThat(visit(host).status()).isEqualTo(200);
        Page page = console.admin();
        go(page, "policies?search=Staff%20to%20be%20edited"); // a list of a world that many have used has pages
        page.getByText("Staff to be edited").click();
        page.getByLabel("Value").fill("elsewhere.example");
        page.getByText("Who would notice?").click();
        page.getByText("lose access").waitFor();
        assertThat(page.locator(".note.bad").innerText()).contains("ada@example.com → " + host);
        page.getByText("Add to exclude").click();
        page.getByLabel("Kind of rule").last().selectOption("ip");
        page.getByLabel("Value").last().fill("192.0.2.0/24");
        picture(page, "policy");
        page.getByText("Save", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("Saved.").waitFor();

        assertThat(world.admin
                        .get("/access/policies/" + policy)
                        .at("/exclude/0/ip/ip")
                        .asString())
                .isEqualTo("192.0.2.0/24");
        await("the refusal")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visit(host).status() == 403);
    }

    @Test
    void ad09APolicyThatLetsEverybodyInIsSavedOnlyWhenThatIsConfirmed() {
        String policy = world.policy("Staff and soon everybody", "example.com");
        Page page = console.admin();
        page.navigate(world.url(CONSOLE, "/#/policies/" + policy));
        page.getByLabel("Kind of rule").first().selectOption("everyone");
        press(page, "Save");
        assertThat(page.getByRole(AriaRole.DIALOG).innerText()).contains("everybody who can sign in");
        page.keyboard().press("Escape");
        assertThat(world.admin
                        .get("/access/policies/" + policy)
                        .at("/include/0")
                        .has("email_domain"))
                .as("dismissed, nothing is saved")
                .isTrue();
        press(page, "Save");
        press(page, "Save it");
        page.getByText("Saved.").waitFor();
        assertThat(world.admin
                        .get("/access/policies/" + policy)
                        .at("/include/0")
                        .has("everyone"))
                .isTrue();
    }

    @Test
    void anAdminMakesATunnelAndAServiceTokenAndEndsThePersonsSessions() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            // Nobody else's person: for a minute after this they are refused every sign-in.
            claims.putAll(Map.of("sub", "gloria-7", "email", "gloria@example.com", "name", "Gloria"));
            return claims;
        }));
        assertThat(visit(WIKI).status()).isEqualTo(200);
        Page page = console.admin();
        open(page, "Tunnels");
        page.getByLabel("Name").fill("made in the dashboard");
        page.getByText("Create", new Page.GetByTextOptions().setExact(true)).click();
        page.getByLabel("Command that runs the connector").waitFor();
        assertThat(page.getByLabel("Command that runs the connector").innerText())
                .startsWith("TUNNEL_TOKEN=ey");
        page.getByText("To the tunnel").click();
        page.getByText("No connector runs.").waitFor();
        open(page, "Service tokens");
        page.getByLabel("Name").fill("a program");
        page.getByText("Create", new Page.GetByTextOptions().setExact(true)).click();
        said(page, "Created.");
        assertThat(page.locator("tbody").innerText()).contains("a program");
        assertThat(page.getByLabel("Headers to send").innerText()).contains("CF-Access-Client-Secret: ");
        go(page, "people?search=gloria@example.com");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("gloria@example.com"))
                .first()
                .click();
        page.getByText("End all sessions").waitFor();
        picture(page, "person");
        press(page, "End all sessions");
        page.getByRole(AriaRole.DIALOG).getByText("End all sessions").last().click();
        page.getByText("Every session has ended.").waitFor();
        page.getByText("No session is open.").waitFor();
    }

    @Test
    void er01WhatAdminsAndVisitorsWroteIsTextInEveryView() {
        JsonMapper json = JsonMapper.shared();
        String name = json.writeValueAsString(EVIL);
        String policy = world.admin
                .post(
                        "/access/policies",
                        "{\"name\":%s,\"decision\":\"allow\",\"include\":[{\"email\":{\"email\":\"a@b.example\"}}]}"
                                .formatted(name))
                .get("id")
                .asString();
        String app = world.admin
                .post("/access/apps", """
                {"type":"self_hosted","name":%s,"domain":"evil.localhost","policies":["%s"]}""".formatted(name, policy))
                .get("id")
                .asString();
        world.admin.post("/cfd_tunnel", "{\"name\":%s,\"config_src\":\"cloudflare\"}".formatted(name));
        Page page = console.admin();
        for (String place : List.of(
                "Applications", "Policies", "Tunnels", "Service tokens", "Identity providers", "People", "Audit log")) {
            open(page, place);
            if (List.of("Applications", "Policies").contains(place)) {
                page.getByRole(AriaRole.SEARCHBOX).fill("onerror");
                page.getByRole(AriaRole.SEARCHBOX).press("Enter");
                page.waitForCondition(() -> page.locator("main tbody tr").count() == 1);
            }
            if (List.of("Applications", "Policies", "Tunnels", "Audit log").contains(place)) {
                assertThat(page.locator("main").innerText()).contains(EVIL);
            }
            picture(page, place.toLowerCase(Locale.ROOT).replace(' ', '-'));
        }
        page.navigate(world.url(CONSOLE, "/#/applications/" + app));
        page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(EVIL))
                .waitFor();
        assertThat(page.locator("main img").count()).isZero();
        assertThat(page.title()).startsWith(EVIL);
        page.navigate(world.url(CONSOLE, "/#/decisions/" + "%3Cimg%20src=x%20onerror=alert(1)%3E"));
        page.getByText("It is not here").waitFor();
        console.complaints().removeIf(each -> each.contains("404") || each.contains("400"));
    }

    @Test
    void itIsReadableOnAPhoneInTheDarkAndUsableByKeyboard() {
        Page page = console.signIn(
                new Browser.NewContextOptions().setViewportSize(390, 844).setColorScheme(ColorScheme.DARK));
        picture(page, "overview-phone-dark");
        assertThat(nothingSticksOut(page)).as("nothing sticks out sideways").isTrue();
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.tagName")).isNotEqualTo("BODY");
        open(page, "Applications");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(WIKI))
                .first()
                .press("Enter");
        page.getByText("Who would be let in?").waitFor();
        picture(page, "application-phone-dark");
        assertThat(nothingSticksOut(page)).isTrue();
    }

    @Test
    void aWrongTokenOpensNothingAndIsNotKept() {
        Page page = console.page(wide());
        page.navigate(world.url(CONSOLE, "/"));
        picture(page, "door");
        page.getByLabel("API token").fill("guess");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
        page.getByText("This token is not valid.").waitFor();
        assertThat(page.evaluate("sessionStorage.length + localStorage.length + document.cookie.length"))
                .isEqualTo(0);
        console.complaints().removeIf(each -> each.contains("401") || each.contains("403"));
    }

    @Test
    void er01EveryFileHasStrictHeadersAndItsOwnType() {
        Answer page = new Visitor().get(world.url(CONSOLE, "/"));
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.headers().get("content-security-policy"))
                .singleElement()
                .satisfies(policy -> assertThat(policy)
                        .contains(
                                "default-src 'none'",
                                "script-src 'self'",
                                "frame-ancestors 'none'",
                                "require-trusted-types-for 'script'")
                        .doesNotContain("unsafe"));
        assertThat(page.headers().get("x-content-type-options")).containsExactly("nosniff");
        assertThat(page.headers().get("referrer-policy")).containsExactly("no-referrer");
        assertThat(page.headers()).doesNotContainKey("set-cookie");
        assertThat(page.body()).doesNotContain("<script>", "<style", " style=", "onclick");
        Answer script = new Visitor().get(world.url(CONSOLE, "/console/app.js"));
        assertThat(script.headers().get("content-type")).containsExactly("text/javascript;charset=utf-8");
        String tag = script.headers().get("etag").getFirst();
        assertThat(new Visitor()
                        .header("If-None-Match", tag)
                        .get(world.url(CONSOLE, "/console/app.js"))
                        .status())
                .isEqualTo(304);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/", "/console/index.html", "/console/nothing.js", "/console/..%2f..%2fapplication.yaml",
                "/console/%2e%2e/application.yaml", "/static/console/app.js", "/console/app.js/x", "/application.yaml"
            })
    void ad01AnAddressIsNotAFileName(String path) {
        assertThat(new Visitor().get(world.url(CONSOLE, path)).status()).isIn(400, 404);
    }

    @Test
    void ad01TheConsoleIsOnItsHostAlone() {
        assertThat(new Visitor().get(world.url(TEAM, "/console/app.js")).status())
                .isEqualTo(404);
        assertThat(new Visitor().get(world.url(WIKI, "/console/app.js")).status())
                .isEqualTo(302);
        assertThat(new Visitor()
                        .get(world.url("nowhere.localhost", "/console/app.js"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void ad03AnotherSitesPageCanWriteNothingWithTheBrowserOfAnAdmin() {
        Page page = console.admin();
        int before = world.admin.get("/access/policies?per_page=1000").size();
        page.navigate(world.site.url());
        Object answer = page.evaluate(
                "url => fetch(url, {method: 'POST', credentials: 'include', headers:"
                        + " {'Content-Type': 'text/plain'}, mode: 'no-cors', body:"
                        + " '{\"name\":\"x\",\"decision\":\"allow\",\"include\":[{\"everyone\":{}}]}'}).then(a => a.type, e => 'refused')",
                world.url(
                        CONSOLE,
                        "/client/v4/accounts/" + world.admin.account().replaceAll(".*/", "") + "/access/policies"));
        assertThat(answer).isIn("opaque", "refused");
        assertThat(world.admin.get("/access/policies?per_page=1000")).hasSize(before);
        console.complaints().clear();
    }
}
