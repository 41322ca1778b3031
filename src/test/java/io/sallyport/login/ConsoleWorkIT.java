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

/** Bookmarks, workload issuers and the scopes of tokens, managed in the dashboard; and what it looks up after a write. */
class ConsoleWorkIT extends AtTheConsole {
    private static Locator link(Page page, String text) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(text).setExact(true));
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
                for (String place : List.of("bookmarks/new", "workload-issuers/new", "admin-tokens")) {
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
