package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.CONSOLE;
import static io.sallyport.login.ConsoleBrowser.heading;
import static io.sallyport.login.ConsoleBrowser.open;
import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static io.sallyport.login.ConsoleBrowser.wide;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SamlIdp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What an admin makes, changes and deletes in the dashboard, beside other admins who do the same. */
class ConsoleEditingIT extends AtTheConsole {
    private String application(String host, String... policies) {
        return world.admin
                .post("/access/apps", """
                        {"type":"self_hosted","name":"%1$s","domain":"%1$s","policies":[%2$s]}""".formatted(
                                host, policies.length == 0 ? "" : '"' + String.join("\",\"", policies) + '"'))
                .get("id")
                .asString();
    }

    /** What is to be entered at a provider, as the API has it. */
    private String redirectUrl() {
        return world.admin
                .get("/access/identity_providers/" + world.provider)
                .at("/config/redirect_url")
                .asString();
    }

    @Test
    void anAdminMakesAnApplicationWithAPolicyOfItsOwnAndAVisitorComesIn() {
        String host = "made.localhost";
        Page page = console.admin();
        open(page, "Applications");
        page.getByText("New application").click();
        heading(page, "New application");
        assertThat(page.getByText("Without a policy nobody gets in.").isVisible())
                .isTrue();
        page.getByLabel("Name").fill("Made here");
        page.getByLabel("Signed in for").selectOption("8h");
        page.getByLabel("Host").fill(host);
        press(page, "Add a host");
        page.getByLabel("Host 2", new Page.GetByLabelOptions().setExact(true)).fill("also-" + host + "/docs");
        page.getByLabel("Address the gateway finds it at").fill(world.site.url());
        page.getByLabel("Fake").first().check();
        press(page, "Write a new policy");
        Locator policy = page.locator(".inner");
        policy.getByLabel("Name").fill("Staff of its own");
        policy.getByLabel("Value").fill("example.com");
        assertThat(unnamed(page)).isEmpty();
        picture(page, "application-new");
        press(page, "Create");
        heading(page, "Made here");
        picture(page, "application");

        JsonNode made =
                world.admin.get("/access/apps?exact=true&domain=" + host).get(0);
        assertThat(made.get("session_duration").asString()).isEqualTo("8h");
        assertThat(made.at("/destinations/1/uri").asString()).isEqualTo("also-" + host + "/docs");
        assertThat(made.get("allowed_idps")).hasSize(1);
        assertThat(made.at("/policies/0/name").asString()).isEqualTo("Staff of its own");
        assertThat(made.at("/policies/0/reusable").asBoolean()).isFalse();
        awaitStatus(host, 302);
        assertThat(visit(host).status()).isEqualTo(200);
    }

    @Test
    void whoLetsCommandLinesInWithoutAQuestionIsToldWhatALinkCanDoThen() {
        Page page = console.admin();
        go(page, "applications/new");
        page.getByText("Cookies, programs and CORS").click();
        Locator box = page.getByLabel("Command lines are signed in without a question");
        String words = box.getAttribute("aria-describedby");
        assertThat(words).as("what a screen reader reads out with it").isNotNull();
        assertThat(page.locator("#" + words).innerText()).contains("link from a mail");
    }

    @Test
    void policiesAreAttachedTakenAwayAndOrderedByKeyboard() {
        String first = world.policy("Order: first", "one.example");
        String second = world.policy("Order: second", "two.example");
        String third = world.policy("Order: third", "three.example");
        String app = application("ordered.localhost", first, second);
        Page page = console.admin();
        go(page, "applications/" + app);
        page.getByText("Edit", new Page.GetByTextOptions().setExact(true)).click();
        page.getByLabel("Find a reusable policy").fill("Order: th");
        page.getByLabel("Policy to attach")
                .locator("option", new Locator.LocatorOptions().setHasText("Order: third"))
                .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
        page.getByLabel("Policy to attach").selectOption(third);
        press(page, "Attach");
        Locator up = page.getByLabel("Move Order: third up");
        up.focus();
        page.keyboard().press("Enter");
        assertThat(page.evaluate("document.activeElement.getAttribute('aria-label')"))
                .as("the focus stays with what moved")
                .isEqualTo("Move Order: third up");
        assertThat(page.locator(".hidden[role=status]").innerText()).contains("Order: third is now number 2 of 3.");
        page.keyboard().press("Enter");
        assertThat(page.evaluate("document.activeElement.getAttribute('aria-label')"))
                .as("at the top only the way down is left")
                .isEqualTo("Move Order: third down");
        page.getByLabel("Take Order: first away").press("Enter");
        picture(page, "application-order");
        press(page, "Save");
        said(page, "Saved.");

        assertThat(world.admin
                        .get("/access/apps/" + app)
                        .get("policies")
                        .valueStream()
                        .map(each -> each.get("id").asString()))
                .containsExactly(third, second);
    }

    @Test
    void aNewPolicyMayBeSharedAndOneThatLetsEverybodyInIsAskedAbout() {
        String app = application("shared.localhost");
        Page page = console.admin();
        go(page, "applications/" + app + "?edit=1");
        press(page, "Write a new policy");
        Locator policy = page.locator(".inner");
        policy.getByLabel("Name").fill("Shared from here");
        policy.getByLabel("Kind of rule").selectOption("everyone");
        policy.getByLabel("Reusable: other applications may use it too").check();
        press(page, "Save");
        assertThat(page.getByRole(AriaRole.DIALOG).innerText()).contains("everybody who can sign in");
        press(page, "Cancel");
        assertThat(world.admin.get("/access/apps/" + app).get("policies")).isEmpty();
        press(page, "Save");
        press(page, "Save it");
        said(page, "Saved.");

        assertThat(world.admin
                        .get("/access/apps/" + app)
                        .at("/policies/0/reusable")
                        .asBoolean())
                .isTrue();
        assertThat(world.admin.get("/access/policies?search=Shared%20from")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"applications, access/apps", "policies, access/policies", "providers, access/identity_providers"})
    void ad07WhatSomebodyChangedMeanwhileIsShownAndNotOverwritten(String place, String path) {
        String id = switch (place) {
            case "applications" -> application("contested.localhost");
            case "policies" -> world.policy("contested.localhost", "example.com");
            default ->
                world.admin.post("/access/identity_providers", """
                            {"name":"contested.localhost","type":"github","config":{"client_id":"c","client_secret":"s"}}""").get("id").asString();
        };
        Page page = console.admin();
        String edit = place + "/" + id + (place.equals("policies") ? "" : "?edit=1");
        go(page, edit);
        page.getByLabel("Name").first().fill("Mine");
        rename(path, id, "Theirs");
        press(page, "Save");
        page.getByText("Someone changed this meanwhile.").waitFor();

        assertThat(page.locator("[role=alert]").innerText()).contains("contested.localhost", "Theirs", "Mine");
        assertThat(world.admin.get("/" + path + "/" + id).get("name").asString())
                .isEqualTo("Theirs");
        picture(page, "conflict-" + place);
        press(page, "Reload, without my changes");
        page.waitForCondition(() -> page.getByLabel("Name").first().inputValue().equals("Theirs"));

        page.getByLabel("Name").first().fill("Mine again");
        rename(path, id, "Theirs again");
        press(page, "Save");
        page.getByLabel("Keep for name").selectOption("Yours");
        press(page, "Save as chosen");
        await("my name")
                .atMost(Duration.ofSeconds(30))
                .until(() -> world.admin
                        .get("/" + path + "/" + id)
                        .get("name")
                        .asString()
                        .equals("Mine again"));
        world.admin.delete("/" + path + "/" + id);
        console.complaints().removeIf(each -> each.contains("412"));
    }

    private void rename(String path, String id, String name) {
        ObjectNode body = (ObjectNode) world.admin.get("/" + path + "/" + id);
        world.admin.put("/" + path + "/" + id, body.put("name", name).toString());
    }

    @Test
    void deletingAnApplicationSaysWhoLosesAccessAndWaitsForAYes() {
        String host = "doomed.localhost";
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.putAll(Map.of("sub", "dora-9", "email", "dora@doomed.example", "name", "Dora"));
            return claims;
        }));
        world.application(host, world.policy("Staff of the doomed", "doomed.example"), "");
        awaitStatus(host, 302);
        assertThat(visit(host).status()).isEqualTo(200);
        String id = world.admin
                .get("/access/apps?exact=true&domain=" + host)
                .at("/0/id")
                .asString();
        Page page = console.admin();
        go(page, "applications/" + id);
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Delete").setExact(true))
                .press("Enter");
        Locator question = page.getByRole(AriaRole.DIALOG);
        question.waitFor();
        assertThat(question.innerText()).contains(host, "lose access", "dora@doomed.example → " + host);
        assertThat(page.evaluate("document.activeElement.textContent"))
                .as("a key pressed too often deletes nothing")
                .isEqualTo("Cancel");
        picture(page, "delete");
        page.keyboard().press("Escape");
        page.waitForCondition(() -> question.count() == 0);
        assertThat(world.admin.get("/access/apps/" + id).get("name").asString()).isEqualTo(host);
        page.waitForCondition(
                () -> page.evaluate("document.activeElement.textContent").equals("Delete"));

        page.keyboard().press("Enter");
        press(page, "Delete the application");
        heading(page, "Applications");
        assertThat(world.admin.call("GET", "/access/apps/" + id, null).status()).isEqualTo(404);
        awaitStatus(host, 403);
    }

    @Test
    void deletingAnApplicationSaysSoWhenThatWouldOpenItToEverybody() {
        String id = application("opened.localhost");
        world.admin.put("/access/organizations", "{\"deny_unmatched_requests\":false}");
        try {
            Page page = console.admin();
            go(page, "applications/" + id);
            press(page, "Delete");

            assertThat(page.getByRole(AriaRole.DIALOG).innerText()).contains("everybody reaches it, without a sign-in");
        } finally {
            world.admin.put("/access/organizations", "{\"deny_unmatched_requests\":null}");
        }
    }

    @Test
    void ad07WhatWasChangedMeanwhileIsNotDeletedEither() {
        String id = application("changed-before-delete.localhost");
        Page page = console.admin();
        go(page, "applications/" + id);
        heading(page, "changed-before-delete.localhost");
        rename("access/apps", id, "Kept by somebody");
        press(page, "Delete");
        press(page, "Delete the application");
        heading(page, "Kept by somebody");

        assertThat(world.admin.get("/access/apps/" + id).get("name").asString()).isEqualTo("Kept by somebody");
        console.complaints().removeIf(each -> each.contains("412"));
    }

    @Test
    void whatIsStillUsedIsNotDeletedAndTheAdminIsToldByWhat() {
        String policy = world.policy("Used by somebody", "example.com");
        application("user-of-policy.localhost", policy);
        Page page = console.admin();
        go(page, "policies/" + policy);
        press(page, "Delete");
        assertThat(page.getByRole(AriaRole.DIALOG).innerText()).contains("1 application uses it");
        press(page, "Delete the policy");
        page.locator("#said").getByText("user-of-policy.localhost").waitFor();

        assertThat(world.admin.get("/access/policies/" + policy).get("name").asString())
                .isEqualTo("Used by somebody");
        console.complaints().removeIf(each -> each.contains("409"));
    }

    private static final SamlIdp SAML = SamlIdp.rsa();

    /** What each type cannot do without, by its label. */
    private static Map<String, String> required(String type) {
        return switch (type) {
            case "onetimepin" -> Map.of();
            case "oidc" -> Map.of("Client id", "c", "Issuer", "https://id.example.com");
            case "saml" -> Map.of("Or the metadata itself", SAML.metadata("https://idp.example.com/sso"));
            case "google-apps" -> Map.of("Client id", "c", "Workspace domain", "example.com");
            case "azureAD" -> Map.of("Client id", "c", "Directory (tenant) id", "8d3f2a1b-6c5e-4f70-9b21-0a1b2c3d4e5f");
            case "okta" -> Map.of("Client id", "c", "Okta address", "https://example.okta.com");
            case "onelogin" -> Map.of("Client id", "c", "OneLogin address", "https://example.onelogin.com");
            case "pingone" -> Map.of("Client id", "c", "Environment id", "e1");
            case "centrify" ->
                Map.of("Client id", "c", "Tenant address", "https://example.my.idaptive.app", "Application id", "a1");
            default -> Map.of("Client id", "c");
        };
    }

    @Test
    void anAdminMakesAProviderOfEachTypeAndSeesWhatToEnterThere() {
        Page page = console.admin();
        open(page, "Identity providers");
        page.getByText("New identity provider").click();
        heading(page, "New identity provider");
        List<String> types = page.getByLabel("Type").locator("option").all().stream()
                .map(option -> option.getAttribute("value"))
                .toList();
        assertThat(types).hasSize(14);
        open(page, "Identity providers"); // so that each turn comes to the form from elsewhere, and it is a new one
        for (String type : types) {
            go(page, "providers/new");
            heading(page, "New identity provider");
            page.evaluate("document.querySelector('main form').dataset.before = 'yes'");
            page.getByLabel("Type").selectOption(type);
            page.waitForCondition(() -> page.locator("form[data-before]").count() == 0);
            assertThat(page.getByLabel("Type").inputValue()).isEqualTo(type);
            page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("Made as " + type);
            required(type)
                    .forEach((label, value) -> page.getByLabel(label, new Page.GetByLabelOptions().setExact(true))
                            .fill(value));
            if (!List.of("onetimepin", "saml").contains(type)) {
                page.getByLabel("Client secret").fill("s3cret of " + type);
                assertThat(page.getByLabel("Redirect URL").innerText()).isEqualTo(redirectUrl());
            }
            assertThat(unnamed(page)).as(type).isEmpty();
            if (List.of("okta", "saml").contains(type)) {
                picture(page, "provider-new-" + type);
            }
            press(page, "Create");
            heading(page, "Made as " + type);
            assertThat(page.content()).doesNotContain("s3cret");
            JsonNode made = world.admin
                    .get("/access/identity_providers?search=Made%20as%20" + type)
                    .valueStream()
                    .filter(each -> each.get("type").asString().equals(type))
                    .findFirst()
                    .orElseThrow();
            world.admin.delete("/access/identity_providers/" + made.get("id").asString());
        }
    }

    @Test
    void theSecretOfAProviderIsKeptWhenItIsNotEnteredAndTheProviderIsTested() {
        Page page = console.signIn(new Browser.NewContextOptions()
                .setViewportSize(1280, 800)
                .setPermissions(List.of("clipboard-write", "clipboard-read")));
        go(page, "providers/" + world.provider);
        heading(page, "Fake");
        page.locator(".copy").first().getByText("Copy").click();
        page.getByText("Copied.").waitFor();
        assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo(redirectUrl());
        press(page, "Test");
        page.getByText("It works, as far as can be seen from here.").waitFor();
        picture(page, "provider");
        page.getByText("Edit", new Page.GetByTextOptions().setExact(true)).click();
        assertThat(page.getByLabel("Client secret").inputValue()).isEmpty();
        page.getByLabel("Further claims").fill("department, groups");
        press(page, "Save");
        said(page, "Saved.");
        heading(page, "Does it work?");
        press(page, "Test");
        page.getByText("It works, as far as can be seen from here.").waitFor();

        JsonNode config =
                world.admin.get("/access/identity_providers/" + world.provider).get("config");
        assertThat(config.get("claims")).hasSize(2);
        assertThat(config.get("pkce_enabled").asBoolean()).isTrue();
        ObjectNode before = (ObjectNode) world.admin.get("/access/identity_providers/" + world.provider);
        before.withObject("config").putArray("claims").add("department");
        world.admin.put("/access/identity_providers/" + world.provider, before.toString());
    }

    @Test
    void deletingTheProviderThatSomethingNamesIsRefusedWithItsName() {
        Page page = console.admin();
        go(page, "providers/" + world.provider);
        press(page, "Delete");
        assertThat(page.getByRole(AriaRole.DIALOG).innerText()).contains("cannot sign in any more");
        press(page, "Delete the provider");
        page.locator("#said").getByText(LoginServer.INSTANT).waitFor();

        assertThat(world.admin
                        .get("/access/identity_providers/" + world.provider)
                        .get("name")
                        .asString())
                .isEqualTo("Fake");
        console.complaints().removeIf(each -> each.contains("409"));
    }

    @Test
    void aLongListHasPagesAndASearch() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 51; i++) {
            made.add(
                    world.admin.post("/access/apps", """
                            {"type":"bookmark","name":"Shelf %02d","domain":"shelf.example.com"}""".formatted(i)).get("id").asString());
        }
        Page page = console.admin();
        open(page, "Applications");
        page.getByLabel("Name or host").fill("Shelf");
        press(page, "Search");
        page.getByText("51 applications").waitFor();
        assertThat(page.getByRole(AriaRole.NAVIGATION, new Page.GetByRoleOptions().setName("Pages"))
                        .innerText())
                .contains("Page 1 of 2");
        assertThat(page.locator("tbody tr").count()).isEqualTo(50);
        page.getByText("Next", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("Page 2 of 2").waitFor();
        assertThat(page.locator("tbody").innerText()).contains("Shelf 50").doesNotContain("Shelf 49");
        picture(page, "pages");
        page.goBack();
        page.getByText("Page 1 of 2").waitFor();
        page.getByLabel("Name or host").fill("Shelf 07");
        page.getByLabel("Name or host").press("Enter");
        page.waitForCondition(() -> page.locator("tbody tr").count() == 1);
        made.forEach(id -> world.admin.delete("/access/apps/" + id));
    }

    @Test
    void aTokenThatOnlyReadsIsToldSoWhenItSaves() {
        String policy = world.policy("Looked at", "example.com");
        String secret = world.admin
                .post("/sallyport/tokens", "{\"name\":\"auditor of the console\",\"role\":\"auditor\"}")
                .get("token")
                .asString();
        Page page = console.page(wide());
        page.navigate(world.url(CONSOLE, "/"));
        page.getByLabel("API token").fill(secret);
        press(page, "Sign in");
        heading(page, "Overview");
        go(page, "policies/" + policy);
        page.getByLabel("Name").fill("Changed by an auditor");
        press(page, "Save");
        page.getByText("This token may not do that.").waitFor();

        assertThat(world.admin.get("/access/policies/" + policy).get("name").asString())
                .isEqualTo("Looked at");
        console.complaints().removeIf(each -> each.contains("403") || each.contains("404"));
    }

    @ParameterizedTest
    @CsvSource({"DARK", "LIGHT"})
    void formsAndQuestionsFitOnAPhone(ColorScheme scheme) {
        String app = application(
                "phone-" + scheme.name().toLowerCase(Locale.ROOT) + ".localhost",
                world.policy("A policy with a rather long name, for a small screen", "example.com"));
        Page page = console.admin(390, scheme);
        String suffix = "-phone-" + scheme.name().toLowerCase(Locale.ROOT);
        for (String place : List.of(
                "applications/new",
                "applications/" + app + "?edit=1",
                "providers/new?type=saml",
                "providers/" + world.provider,
                "policies/new")) {
            go(page, place);
            picture(page, place.replaceAll("[^a-z]+", "-").replaceAll("-$", "") + suffix);
            assertThat(nothingSticksOut(page)).as(place).isTrue();
        }
        go(page, "applications/" + app + "?edit=1");
        page.getByText("Where it lives").waitFor();
        page.getByLabel("Name").first().fill("Mine");
        rename("access/apps", app, "Theirs");
        press(page, "Save");
        page.getByText("Someone changed this meanwhile.").waitFor();
        picture(page, "conflict" + suffix);
        assertThat(nothingSticksOut(page)).as("the difference").isTrue();
        go(page, "applications/" + app);
        heading(page, "Theirs");
        press(page, "Delete");
        page.getByRole(AriaRole.DIALOG).waitFor();
        picture(page, "delete" + suffix);
        assertThat(nothingSticksOut(page)).as("the question").isTrue();
        press(page, "Cancel");
        world.admin.delete("/access/apps/" + app);
        console.complaints().removeIf(each -> each.contains("412"));
    }
}
