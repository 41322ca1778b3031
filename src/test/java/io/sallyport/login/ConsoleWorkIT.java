package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.heading;
import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Work in the dashboard: nothing entered is lost without a word; bookmarks, workload issuers, scopes of tokens, zones and their records
 * are part of it; and what it looks up after a write.
 */
class ConsoleWorkIT extends AtTheConsole {
    private static Locator link(Page page, String text) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(text).setExact(true));
    }

    @Test
    void leavingAFormWithUnsavedChangesAsksFirst() {
        Page page = console.admin();
        go(page, "tags");
        go(page, "groups/new");
        label(page, "Name").fill("Almost a group");

        link(page, "Tags").first().click();
        heading(page, "Leave without saving?");
        picture(page, "unsaved");
        press(page, "Cancel");
        assertThat(page.url()).endsWith("#/groups/new");
        assertThat(label(page, "Name").inputValue()).isEqualTo("Almost a group");

        page.goBack();
        heading(page, "Leave without saving?");
        page.keyboard().press("Escape");
        page.waitForCondition(() -> page.locator("dialog").count() == 0);
        assertThat(page.url()).endsWith("#/groups/new");
        assertThat(label(page, "Name").inputValue()).isEqualTo("Almost a group");
        assertThat(page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))"))
                .as("closing the tab is asked about, too")
                .isEqualTo(false);

        link(page, "Lists").first().click();
        press(page, "Leave");
        heading(page, "Lists");
        assertThat(page.url()).endsWith("#/lists");
    }

    @Test
    void cancelASearchAndWhatIsSavedAskNothing() {
        Page page = console.admin();
        go(page, "tags/new");
        label(page, "Name").fill("never");
        link(page, "Cancel").click();
        heading(page, "Tags");

        go(page, "decisions");
        page.locator("form[role=search] input").first().fill("ada");
        link(page, "Tags").first().click();
        heading(page, "Tags");

        go(page, "tags/new");
        label(page, "Name").fill("saved at work");
        press(page, "Create");
        said(page, "Saved.");
        heading(page, "Tags");
        assertThat(page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))"))
                .isEqualTo(true);
        world.admin.delete("/access/tags/saved%20at%20work");
    }

    @Test
    void aZoneIsMadeItsRecordsChangeAndBothAreDeleted() {
        Page page = console.admin();
        go(page, "zones/new");
        label(page, "Domain").fill("dashboard.example");
        picture(page, "zone-new");
        press(page, "Create");
        said(page, "Saved.");
        heading(page, "Zones");
        link(page, "All domains").waitFor();
        picture(page, "zones");
        link(page, "dashboard.example").click();
        heading(page, "dashboard.example");

        link(page, "New record").click();
        heading(page, "New record");
        label(page, "Name").fill("www");
        label(page, "Leads to").fill("192.0.2.7");
        assertThat(unnamed(page)).isEmpty();
        picture(page, "record-new");
        press(page, "Create");
        said(page, "Saved.");
        heading(page, "dashboard.example");
        picture(page, "zone");
        link(page, "www.dashboard.example").click();
        heading(page, "www.dashboard.example");
        label(page, "Leads to").fill("192.0.2.8");
        page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
        label(page, "Note").fill("the second machine");
        press(page, "Save");
        heading(page, "dashboard.example");
        page.getByText("the second machine").waitFor();

        JsonNode record = records("www.dashboard.example").get(0);
        assertThat(record.path("content").asString()).isEqualTo("192.0.2.8");
        assertThat(record.path("comment").asString()).isEqualTo("the second machine");
        link(page, "www.dashboard.example").click();
        press(page, "Delete");
        press(page, "Delete the record");
        said(page, "Deleted.");
        heading(page, "dashboard.example");
        assertThat(records("www.dashboard.example")).isEmpty();
        press(page, "Delete zone");
        press(page, "Delete the zone");
        heading(page, "Zones");
        page.waitForCondition(() -> link(page, "dashboard.example").count() == 0);
    }

    private JsonNode records(String name) {
        JsonNode zones = world.admin.callAt("GET", "/zones", null).result();
        String everything = zones.get(0).path("id").asString();
        return world.admin
                .callAt("GET", "/zones/" + everything + "/dns_records?name=" + name, null)
                .result();
    }

    @Test
    void afterAWriteOnlyTheNamesOfItsKindAreLookedUpAgain() {
        Page page = console.admin();
        go(page, "tags/new");
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> {
            String path = URI.create(request.url()).getPath();
            if (request.method().equals("GET") && request.url().contains("per_page=1000")) {
                asked.add(path.replaceFirst(".*/accounts/[0-9a-f]+/", ""));
            }
        });
        label(page, "Name").fill("looked up");
        press(page, "Create");
        heading(page, "Tags");
        assertThat(asked).containsExactly("access/tags");
        world.admin.delete("/access/tags/looked%20up");
    }

    @Test
    void aBookmarkIsMadeChangedAndDeleted() {
        Page page = console.admin();
        go(page, "bookmarks/new");
        label(page, "Name").fill("Status");
        label(page, "Leads to").fill("https://status.example.com");
        picture(page, "bookmark-new");
        press(page, "Create");
        said(page, "Saved.");
        heading(page, "Bookmarks");
        picture(page, "bookmarks");
        link(page, "Status").click();
        label(page, "Leads to").fill("https://state.example.com");
        page.getByText("Shown in the launcher").click();
        press(page, "Save");
        heading(page, "Bookmarks");

        JsonNode made = only("/access/bookmarks", "Status");
        assertThat(made.path("domain").asString()).isEqualTo("https://state.example.com");
        assertThat(made.path("app_launcher_visible").asBoolean(true)).isFalse();
        go(page, "bookmarks/" + made.path("id").asString());
        press(page, "Delete");
        press(page, "Delete the bookmark");
        said(page, "Deleted.");
    }

    @Test
    void aWorkloadIssuerIsRegisteredChangedAndDeleted() {
        Page page = console.admin();
        go(page, "workload-issuers/new");
        label(page, "Name").fill("Builds");
        label(page, "Issuer").fill("https://builds.example.com");
        label(page, "Address of its keys").fill("https://builds.example.com/keys");
        label(page, "Audience").fill("https://auth.example.com");
        picture(page, "workload-issuer-new");
        press(page, "Create");
        said(page, "Saved.");
        heading(page, "Workload issuers");
        picture(page, "workload-issuers");
        link(page, "Builds").click();
        assertThat(label(page, "Issuer").isEditable()).isFalse();
        label(page, "Audience").fill("deploy");
        page.getByText("A token is exchanged once").click();
        press(page, "Save");
        heading(page, "Workload issuers");

        JsonNode made = only("/sallyport/workload_issuers", "Builds");
        assertThat(made.path("audience").asString()).isEqualTo("deploy");
        assertThat(made.path("single_use").asBoolean(true)).isFalse();
        go(page, "workload-issuers/" + made.path("id").asString());
        press(page, "Delete");
        press(page, "Delete the workload issuer");
        said(page, "Deleted.");
    }

    @Test
    void aTokenIsLimitedToKindsOfThingsAndThatChanges() {
        Page page = console.admin();
        go(page, "admin-tokens");
        label(page, "Name").fill("Reader of names");
        label(page, "Role").selectOption("auditor");
        page.getByText("Limit it to some kinds of things").click();
        press(page, "Create");
        said(page, "Choose at least one kind");
        page.setViewportSize(360, 740);
        assertThat(page.locator("#said p").boundingBox().width)
                .as("room to read what did not work on a phone")
                .isGreaterThan(180);
        press(page, "Close");
        assertThat(page.locator("#said").textContent())
                .as("stays until it is closed")
                .isEmpty();
        page.setViewportSize(1280, 800);
        label(page, "dns").selectOption("read");
        label(page, "tunnels").selectOption("read");
        picture(page, "token-scopes");
        press(page, "Create");
        page.getByText("This is the only time").waitFor();
        JsonNode made = only("/sallyport/tokens?search=Reader%20of", "Reader of names");
        assertThat(made.path("scopes").toString()).contains("\"dns\":\"read\"", "\"tunnels\":\"read\"");

        link(page, "Reader of names").click();
        heading(page, "Reader of names");
        label(page, "tunnels").selectOption("");
        picture(page, "token");
        press(page, "Save");
        heading(page, "API tokens");
        assertThat(only("/sallyport/tokens?search=Reader%20of", "Reader of names")
                        .path("scopes")
                        .toString())
                .isEqualTo("{\"dns\":\"read\"}");
        world.admin.delete("/sallyport/tokens/" + made.path("id").asString());
    }

    @Test
    void theNewPagesFitAPhoneAndTheDark() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (boolean phone : List.of(true, false)) {
                Page page = console.admin(phone ? 390 : 1280, scheme);
                for (String place :
                        List.of("bookmarks/new", "workload-issuers/new", "admin-tokens", "zones", "zones/new")) {
                    go(page, place);
                    if (place.equals("admin-tokens")) {
                        page.getByText("Limit it to some kinds of things").click();
                    }
                    picture(page, "%s-%s-%s".formatted(place.replace('/', '-'), scheme, phone ? "phone" : "desk"));
                    assertThat(nothingSticksOut(page)).as(place + " " + scheme).isTrue();
                    assertThat(unnamed(page)).as(place).isEmpty();
                }
            }
        }
    }
}
