package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.CONSOLE;
import static io.sallyport.login.ConsoleBrowser.heading;
import static io.sallyport.login.ConsoleBrowser.open;
import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static io.sallyport.login.ConsoleBrowser.wide;
import static io.sallyport.login.LoginServer.VAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.Visitor;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Everything else an admin needs by day and by night, each made, changed, explained and deleted in the dashboard. */
class ConsoleResourcesIT extends AtTheConsole {
    private static final List<String> PLACES = List.of(
            "",
            "decisions",
            "applications",
            "policies",
            "groups",
            "groups/new",
            "lists",
            "lists/new",
            "tags",
            "tags/new",
            "people",
            "providers",
            "tokens",
            "bookmarks",
            "bookmarks/new",
            "workload-issuers",
            "workload-issuers/new",
            "certificates",
            "certificates/new",
            "tunnels",
            "origins",
            "origins/new",
            "zones",
            "zones/new",
            "settings",
            "pages",
            "pages/new",
            "admin-tokens",
            "audit");

    @Test
    void ad07WhatOnlyTheOtherSideChangedStaysAndListsGoTogether() {
        String policy = world.policy("Merged", "one.example");
        Page page = console.admin();
        go(page, "policies/" + policy);
        page.getByText("Add to include").click();
        label(page, "Value").last().fill("mine@one.example");
        page.getByText("Report only: counted").click();
        ObjectNode theirs = (ObjectNode) world.admin.get("/access/policies/" + policy);
        theirs.withArray("include").addObject().putObject("email").put("email", "theirs@one.example");
        theirs.put("session_duration", "1h");
        world.admin.put("/access/policies/" + policy, theirs.toString());
        press(page, "Save");
        page.getByText("Someone changed this meanwhile.").waitFor();

        assertThat(label(page, "Keep for session duration").inputValue()).isEqualTo("theirs");
        assertThat(label(page, "Keep for include").inputValue()).isEqualTo("both");
        assertThat(page.locator("[role=alert]").innerText()).contains("not touched", "Email theirs@one.example");
        picture(page, "merge");
        press(page, "Save as chosen");
        said(page, "Saved.");

        JsonNode now = world.admin.get("/access/policies/" + policy);
        assertThat(now.get("session_duration").asString()).isEqualTo("1h");
        assertThat(now.get("sallyport_report_only").asBoolean()).isTrue();
        assertThat(now.get("include").toString()).contains("one.example", "mine@one.example", "theirs@one.example");
        page.waitForCondition(() -> label(page, "Value").count() == 3);
        console.complaints().removeIf(each -> each.contains("412"));
    }

    @Test
    void ad07OfTwoAnswersToOneQuestionTheAdminChooses() {
        String policy = world.policy("Two answers", "one.example");
        Page page = console.admin();
        go(page, "policies/" + policy);
        label(page, "Name").fill("My answer");
        ObjectNode theirs = (ObjectNode) world.admin.get("/access/policies/" + policy);
        world.admin.put(
                "/access/policies/" + policy, theirs.put("name", "Their answer").toString());
        press(page, "Save");
        page.getByText("Someone changed this meanwhile.").waitFor();
        press(page, "Save as chosen");
        said(page, "Both of you changed “name”.");
        assertThat(world.admin.get("/access/policies/" + policy).get("name").asString())
                .as("nothing is chosen for anybody")
                .isEqualTo("Their answer");
        label(page, "Keep for name").selectOption("theirs");
        press(page, "Save as chosen");
        said(page, "Saved.");

        page.waitForCondition(() -> label(page, "Name").inputValue().equals("Their answer"));
        console.complaints().removeIf(each -> each.contains("412"));
    }

    @Test
    void aGroupIsMadeNamedByAPolicyAndExplainedBeforeItChanges() {
        String host = "grouped.localhost";
        Page page = console.admin();
        open(page, "Groups");
        page.getByText("New group").click();
        heading(page, "New group");
        label(page, "Name").fill("Staff of the console");
        label(page, "Value").fill("example.com");
        assertThat(unnamed(page)).isEmpty();
        press(page, "Create");
        heading(page, "Staff of the console");
        String group = only("/access/groups?search=Staff%20of", "Staff of the console")
                .get("id")
                .asString();

        String policy = world.policy("By group", "nobody.example");
        go(page, "policies/" + policy);
        page.getByLabel("Kind of rule").first().selectOption("group");
        label(page, "Value").selectOption("Staff of the console");
        press(page, "Save");
        await("the group in the policy")
                .atMost(Duration.ofSeconds(30))
                .until(() -> world.admin
                        .get("/access/policies/" + policy)
                        .at("/include/0/group/id")
                        .asString("")
                        .equals(group));
        world.application(host, policy, "");
        awaitStatus(host, 302);
        assertThat(visit(host).status()).isEqualTo(200);

        go(page, "policies?search=By%20group");
        page.getByText("include Access group Staff of the console").first().waitFor();
        go(page, "groups/" + group);
        label(page, "Value").fill("elsewhere.example");
        press(page, "Who would notice?");
        page.getByText("lose access").waitFor();
        assertThat(page.locator(".note.bad").innerText()).contains("ada@example.com → " + host);
        picture(page, "group");
        press(page, "Delete");
        press(page, "Delete the group");
        said(page, "By group");
        assertThat(world.admin.get("/access/groups/" + group).get("name").asString())
                .isEqualTo("Staff of the console");
        console.complaints().removeIf(each -> each.contains("409") || each.contains("400"));
    }

    @ParameterizedTest
    @CsvSource({
        "oidc, Claim|Is or holds, claim_name|claim_value, groups|admins",
        "common_name, Value, common_name, build-7",
        "external_evaluation, Evaluator|Its keys, evaluate_url|keys_url, https://e.example.com/|https://e.example.com/keys"
    })
    void everySelectorOfThePartsKindIsWrittenAsTheApiReadsIt(String key, String labels, String members, String values) {
        String policy = world.policy("With " + key, "one.example");
        Page page = console.admin();
        go(page, "policies/" + policy);
        page.getByLabel("Kind of rule").selectOption(key);
        if (key.equals("oidc")) {
            label(page, "Identity provider").selectOption("Fake");
        }
        String[] names = labels.split("\\|");
        for (int i = 0; i < names.length; i++) {
            label(page, names[i]).fill(values.split("\\|")[i]);
        }
        press(page, "Save");
        said(page, "Saved.");

        JsonNode rule = world.admin.get("/access/policies/" + policy).at("/include/0/" + key);
        for (int i = 0; i < names.length; i++) {
            assertThat(rule.get(members.split("\\|")[i]).asString()).isEqualTo(values.split("\\|")[i]);
        }
        page.reload();
        page.waitForCondition(() -> page.getByLabel("Kind of rule").inputValue().equals(key));
    }

    @Test
    void aListIsFilledChangedEmptiedAndDeleted() {
        Page page = console.admin();
        open(page, "Lists");
        page.getByText("New list").click();
        heading(page, "New list");
        label(page, "Name").fill("Contractors");
        page.getByLabel("Values, one a line").fill("ann@example.com # until June\nbob@example.com");
        press(page, "Create");
        said(page, "Saved.");
        JsonNode made = only("/gateway/lists", "Contractors");
        assertThat(made.get("count").asInt()).isEqualTo(2);
        String id = made.get("id").asString();
        page.getByText("Contractors").click();
        heading(page, "Contractors");
        assertThat(page.getByLabel("Values, one a line").inputValue()).contains("ann@example.com # until June");
        picture(page, "list");
        page.getByLabel("Values, one a line").fill("bob@example.com");
        press(page, "Save");
        heading(page, "Lists");
        assertThat(world.admin.get("/gateway/lists/" + id).at("/items/0/value").asString())
                .isEqualTo("bob@example.com");
        go(page, "lists/" + id);
        page.getByLabel("Values, one a line").fill("");
        press(page, "Save");
        heading(page, "Lists");
        await("no values")
                .until(() ->
                        world.admin.get("/gateway/lists/" + id).get("count").asInt() == 0);
        go(page, "lists/" + id);
        press(page, "Delete");
        press(page, "Delete the list");
        said(page, "Deleted.");
        assertThat(world.admin.call("GET", "/gateway/lists/" + id, null).status())
                .isEqualTo(404);
    }

    @Test
    void tagsOriginsCertificatesAndCustomPagesAreMadeAndDeleted() {
        Page page = console.admin();
        go(page, "tags/new");
        label(page, "Name").fill("of the console");
        press(page, "Create");
        said(page, "Saved.");
        go(page, "tags/of%20the%20console");
        press(page, "Delete");
        press(page, "Delete the tag");
        said(page, "Deleted.");

        go(page, "origins/new");
        label(page, "Host").fill("origin-of-the-console.example.com");
        label(page, "Goes to").fill("http://10.0.0.5:3000");
        press(page, "Create");
        said(page, "Saved.");
        go(page, "origins?search=origin-of-the-console");
        page.getByText("origin-of-the-console.example.com").click();
        label(page, "Goes to").fill("http://10.0.0.6:3000");
        page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
        label(page, "Host header it is told").fill("wiki.internal");
        press(page, "Save");
        heading(page, "Origins");
        JsonNode origin = world.admin
                .get("/sallyport/origins?hostname=origin-of-the-console")
                .get(0);
        assertThat(origin.get("service").asString()).isEqualTo("http://10.0.0.6:3000");
        assertThat(origin.at("/origin_request/httpHostHeader").asString()).isEqualTo("wiki.internal");
        go(page, "origins/" + origin.get("id").asString());
        press(page, "Delete");
        press(page, "Delete the origin");
        said(page, "Deleted.");

        go(page, "certificates/new");
        label(page, "Name").fill("Devices");
        label(page, "Certificate of the authority (PEM)").fill(new TestAuthority("Devices of the console").pem());
        press(page, "Create");
        said(page, "Saved.");
        page.getByText("Devices", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("Fingerprint (SHA-256)").waitFor();
        picture(page, "certificate");
        press(page, "Delete");
        press(page, "Delete the certificate authority");
        said(page, "Deleted.");

        go(page, "pages/new");
        label(page, "Name").fill("No entry");
        label(page, "HTML").fill("<h1>{{ app_name }} is not for {{ email }}</h1>{{ nonsense }}");
        press(page, "Create");
        said(page, "nonsense is a name without a value here");
        page.getByText("No entry").click();
        page.getByText("{{ another_account_url }}").waitFor();
        picture(page, "custom-page");
        press(page, "Delete");
        press(page, "Delete the custom page");
        said(page, "Deleted.");
    }

    @Test
    void theLookOfTheSignInPageIsChangedAndSeen() {
        Page page = console.admin();
        open(page, "Settings");
        JsonNode before = world.admin.get("/access/organizations");
        label(page, "Line under the name").fill("Only for staff, says the console");
        label(page, "Background").fill("#103050");
        label(page, "Text on it").fill("#ffffff");
        assertThat(page.locator(".preview").innerText()).contains("Only for staff, says the console");
        assertThat(page.locator(".preview").evaluate("e => getComputedStyle(e).backgroundColor"))
                .isEqualTo("rgb(16, 48, 80)");
        picture(page, "settings");
        page.evaluate("document.querySelector('main form').dataset.before = 'yes'");
        press(page, "Save");
        said(page, "Saved.");
        page.waitForCondition(() -> page.locator("form[data-before]").count() == 0); // it is drawn anew after that
        await("the new look")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        new Visitor().open(world.url(VAULT, "/")).body().contains("Only for staff, says the console"));
        heading(page, "Settings");
        label(page, "Line under the name").fill("");
        press(page, "Save");
        await("the old look")
                .atMost(Duration.ofSeconds(30))
                .until(() -> world.admin
                        .get("/access/organizations")
                        .at("/login_design/header_text")
                        .isMissingNode());
        ObjectNode back = JsonNodeFactory.instance.objectNode();
        back.set("login_design", before.has("login_design") ? before.get("login_design") : back.nullNode());
        world.admin.put("/access/organizations", back.toString());
    }

    @ParameterizedTest
    @CsvSource({"groups, /access/groups", "policies, /access/policies"})
    void whatWasSavedIsWhatThePageShowsAndTheKeyboardGoesOnFromThere(String place, String path) {
        String id = world.admin.post(path, """
                        {"name":"Before it was saved","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}""").get("id").asString();
        Page page = console.admin();
        go(page, place + "/" + id);
        label(page, "Name").fill("After it was saved");
        label(page, "Name").press("Enter");

        said(page, "Saved.");
        assertThat(page.locator("h1").innerText()).isEqualTo("After it was saved");
        assertThat(page.locator("details pre").textContent()).contains("After it was saved");
        assertThat(focused(page)).isEqualTo("Save");
        label(page, "Name").fill("After it was saved twice");
        press(page, "Save");
        heading(page, "After it was saved twice");
        world.admin.delete(path + "/" + id);
    }

    @Test
    void ad10AnApiTokenIsShownOnceWorksAndIsRevoked() {
        Page page = console.admin();
        open(page, "API tokens");
        label(page, "Name").fill("Ann of the console");
        label(page, "Role").selectOption("auditor");
        press(page, "Create");
        said(page, "Created.");
        Locator token = label(page, "Token");
        assertThat(page.locator("tbody").innerText()).contains("Ann of the console");
        String secret = token.innerText();
        picture(page, "api-tokens");
        Page other = console.page(wide());
        other.navigate(world.url(CONSOLE, "/"));
        other.getByLabel("API token").fill(secret);
        press(other, "Sign in");
        heading(other, "Overview");
        page.reload();
        page.getByText("Ann of the console").waitFor();
        assertThat(page.content()).as("it is not shown again").doesNotContain(secret);
        page.getByLabel("Revoke Ann of the console").click();
        press(page, "Revoke the token");
        said(page, "Revoked.");
        other.navigate(world.url(CONSOLE, "/#/policies"));
        other.getByText("The token is no longer valid.").waitFor();
        assertThat(other.locator("nav").count())
                .as("nothing is left on the screen")
                .isZero();
        page.getByLabel("Delete Ann of the console").click();
        press(page, "Delete the token");
        said(page, "Deleted.");
        console.complaints().removeIf(each -> each.contains("401") || each.contains("403") || each.contains("404"));
    }

    @Test
    void theDirectoryIsSwitchedOnAndItsSecretIsShownOnce() {
        String id =
                world.admin.post("/access/identity_providers", """
                {"name":"With a directory","type":"github","config":{"client_id":"c","client_secret":"s"}}""").get("id").asString();
        Page page = console.admin();
        go(page, "providers/" + id + "?edit=1");
        page.getByText("Directory (SCIM)").click();
        page.getByText("The directory tells us who comes and goes").click();
        page.getByText("Who leaves the directory is signed out everywhere").click();
        press(page, "Save");
        label(page, "SCIM secret").waitFor();
        assertThat(label(page, "SCIM address").innerText()).contains("/scim");
        String secret = label(page, "SCIM secret").innerText();
        picture(page, "provider-scim");
        page.reload();
        label(page, "SCIM address").waitFor();
        assertThat(page.content()).doesNotContain(secret);
        press(page, "Make a new secret");
        press(page, "Make it");
        label(page, "SCIM secret").waitFor();
        assertThat(label(page, "SCIM secret").innerText()).isNotEqualTo(secret);

        JsonNode scim = world.admin.get("/access/identity_providers/" + id).get("scim_config");
        assertThat(scim.get("enabled").asBoolean()).isTrue();
        assertThat(scim.get("user_deprovision").asBoolean()).isTrue();
        world.admin.delete("/access/identity_providers/" + id);
    }

    @Test
    void aTunnelGetsRoutesANewNameAndIsDeleted() {
        Page page = console.admin();
        open(page, "Tunnels");
        label(page, "Name").fill("routed here");
        press(page, "Create");
        page.getByText("To the tunnel").click();
        heading(page, "routed here");
        press(page, "Add a route");
        label(page, "Host").fill("routed-here.localhost");
        label(page, "Goes to").fill("http://localhost:3000");
        assertThat(unnamed(page)).isEmpty();
        picture(page, "tunnel-routes");
        press(page, "Save");
        said(page, "Saved.");
        page.getByText("routed-here.localhost").waitFor();
        String id =
                only("/cfd_tunnel?is_deleted=false", "routed here").get("id").asString();
        JsonNode ingress =
                world.admin.get("/cfd_tunnel/" + id + "/configurations").at("/config/ingress");
        assertThat(ingress.at("/0/hostname").asString()).isEqualTo("routed-here.localhost");
        assertThat(ingress.at("/1/service").asString()).isEqualTo("http_status:404");
        press(page, "Rename");
        page.getByRole(AriaRole.DIALOG).getByLabel("Name").fill("renamed here");
        page.keyboard().press("Enter");
        said(page, "Renamed.");
        heading(page, "renamed here");
        assertThat(focused(page)).isEqualTo("Rename");
        press(page, "Delete");
        press(page, "Delete the tunnel");
        heading(page, "Tunnels");
        assertThat(world.admin.get("/cfd_tunnel?is_deleted=false&name=renamed%20here"))
                .isEmpty();
    }

    @Test
    void aServiceTokenGetsANewSecretAndIsSwitchedOff() {
        String id = world.admin
                .post("/access/service_tokens", "{\"name\":\"turned in the console\"}")
                .get("id")
                .asString();
        Page page = console.admin();
        open(page, "Service tokens");
        page.getByLabel("New secret: turned in the console").click();
        press(page, "Make it");
        said(page, "This is the new secret.");
        assertThat(focused(page)).isEqualTo("New secret: turned in the console");
        assertThat(page.getByLabel("Headers to send").innerText()).contains("CF-Access-Client-Secret: ");
        picture(page, "service-tokens");
        page.getByLabel("Switch off: turned in the console").click();
        press(page, "Switch it off");
        said(page, "Off.");
        page.getByLabel("Switch on: turned in the console").waitFor();
        assertThat(world.admin
                        .get("/access/service_tokens/" + id)
                        .get("enabled")
                        .asBoolean())
                .isFalse();
        page.getByLabel("Delete turned in the console").click();
        press(page, "Delete the token");
        said(page, "Deleted.");
    }

    @Test
    void whySomebodyWasRefusedIsTwoClicksAwayFromHalfAName() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.putAll(Map.of("sub", "annabel-3", "email", "annabel@example.com", "name", "Annabel"));
            return claims;
        }));
        assertThat(visit(VAULT).status()).isEqualTo(403);
        await("the decision")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !world.admin
                        .get("/sallyport/decisions?outcome=denied&email=annabel@example.com")
                        .isEmpty());
        Page page = console.admin();
        page.getByLabel("Who was refused").fill("annabel");
        press(page, "Show why");
        heading(page, "Decisions");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("annabel@example.com"))
                .first()
                .click();
        page.getByText("none of its policies let them in").waitFor();
        assertThat(page.locator(".tree").innerText()).contains("saw annabel@example.com");
    }

    @Test
    void theAuditLogIsNarrowedAndTakenAway() throws Exception {
        world.admin.post("/access/tags", "{\"name\":\"audited here\"}");
        world.admin.delete("/access/tags/audited%20here");
        Page page = console.admin();
        open(page, "Audit log");
        label(page, "Kind").selectOption("tag");
        label(page, "What").selectOption("delete");
        press(page, "Search");
        page.waitForCondition(() -> !page.locator("main tbody").innerText().contains("create tag"));
        assertThat(page.locator("main tbody").innerText())
                .contains("delete tag audited here")
                .doesNotContain("application", "organization");
        picture(page, "audit-narrowed");
        Download file = page.waitForDownload(() -> press(page, "Export"));
        assertThat(file.suggestedFilename()).isEqualTo("audit.jsonl");
        assertThat(Files.readString(file.path())).contains("audited here");
    }

    @ParameterizedTest
    @CsvSource({"DARK, 390", "LIGHT, 1280"})
    void everyViewFitsAndNamesItsControls(ColorScheme scheme, int width) {
        Page page = console.admin(width, scheme);
        for (String place : PLACES) {
            go(page, place);
            picture(
                    page,
                    "view-" + (place.isEmpty() ? "overview" : place.replace('/', '-')) + "-" + width + "-"
                            + scheme.name().toLowerCase(Locale.ROOT));
            assertThat(nothingSticksOut(page)).as(place + " does not stick out").isTrue();
            assertThat(unnamed(page)).as(place).isEmpty();
            assertThat(page.locator("main").innerText()).as(place).doesNotContain("undefined", "[object");
        }
    }
}
