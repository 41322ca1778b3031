package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.heading;
import static io.sallyport.login.ConsoleBrowser.press;
import static io.sallyport.login.ConsoleBrowser.wide;
import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import io.sallyport.testkit.SamlIdp;
import io.sallyport.testkit.Visitor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A new admin sets up how people sign in, with nothing but the dashboard and the other side's console. */
class ConsoleProvidersIT extends AtTheConsole {
    @Test
    void aSamlProviderIsMadeFromItsFileAndGetsAddressesOfItsOwn() {
        Page page = console.admin();
        go(page, "providers/new?type=saml");
        label(page, "Name").fill("Corporate");
        label(page, "Or its file")
                .setInputFiles(new FilePayload(
                        "metadata.xml",
                        "application/xml",
                        SamlIdp.rsa()
                                .metadata("https://corporate.example.com/sso")
                                .getBytes(StandardCharsets.UTF_8)));
        page.waitForCondition(
                () -> label(page, "Or the metadata itself").inputValue().contains("EntityDescriptor"));
        page.getByLabel("People may start at the provider").check();
        page.getByText("One by one").click();
        label(page, "Attributes that applications get as headers").fill("department = X-Department\nteam=X-Team");
        label(page, "Requests are sent").selectOption("post");
        press(page, "Create");
        heading(page, "Corporate");

        JsonNode made = only("/access/identity_providers", "Corporate");
        String id = made.get("id").asString();
        assertThat(made.at("/config/sso_target_url").asString()).isEqualTo("https://corporate.example.com/sso");
        assertThat(made.at("/config/allow_idp_initiated").asBoolean()).isTrue();
        assertThat(made.at("/config/header_attributes/1/header_name").asString())
                .isEqualTo("X-Team");
        assertThat(label(page, "Metadata").innerText())
                .isEqualTo(world.url(TEAM, "/cdn-cgi/access/" + id + "/saml-metadata"));
        assertThat(label(page, "Reply URL").innerText()).isEqualTo(world.url(TEAM, "/cdn-cgi/access/callback"));

        press(page, "Make a key");
        press(page, "Make it");
        page.getByText("Our metadata has a certificate").waitFor();
        await("the certificate to be in our metadata")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor()
                        .get(world.url(TEAM, "/cdn-cgi/access/" + id + "/saml-metadata"))
                        .body()
                        .contains("use=\"encryption\""));
        world.admin.delete("/access/identity_providers/" + id);
    }

    @Test
    void oi14AnOpenIdProviderIsToldWhereItSaysThatSomebodyLeft() {
        Page page = console.admin();
        go(page, "providers/" + world.provider);
        assertThat(label(page, "Back-channel logout URL").innerText())
                .isEqualTo(world.url(TEAM, "/cdn-cgi/access/backchannel-logout/" + world.provider));
    }

    @Test
    void whereThereIsNoClipboardWhatIsToBeCopiedIsSelected() {
        Page page = console.signIn(wide());
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})");
        page.evaluate("location.hash = '#/providers/" + world.provider + "'");
        heading(page, "Fake");
        page.locator(".copy").first().getByText("Copy").click();
        said(page, "It is selected");
        assertThat(page.evaluate("getSelection().toString()")).isEqualTo(world.url(TEAM, "/cdn-cgi/access/callback"));
    }

    @Test
    void theLauncherIsMadeWithAPolicyAndLooksAsItsAdminLikes() {
        Page page = console.admin();
        go(page, "applications");
        page.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("App launcher").setExact(true))
                .click();
        heading(page, "App launcher");
        assertThat(label(page, "Name").inputValue()).isEqualTo("App Launcher");
        page.getByText("How it looks").click();
        label(page, "Title of the front page").fill("Hello there");
        label(page, "Links at the foot").fill("Help = https://help.example.com/a=b");
        press(page, "Create");
        heading(page, "App Launcher");

        JsonNode made = only("/access/apps", "App Launcher");
        try {
            assertThat(made.get("type").asString()).isEqualTo("app_launcher");
            assertThat(made.at("/footer_links/0/url").asString()).isEqualTo("https://help.example.com/a=b");
            await("the front page")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> new Visitor().get(world.url(TEAM, "/")).body().contains("Hello there"));
            go(page, "applications");
            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions().setName("App launcher").setExact(true))
                    .click();
            heading(page, "App Launcher");
            assertThat(page.url()).endsWith("#/applications/" + made.get("id").asString());
        } finally {
            world.admin.delete("/access/apps/" + made.get("id").asString());
        }
        await("the usual front page, which others look at")
                .until(() -> !new Visitor().get(world.url(TEAM, "/")).body().contains("Hello there"));
    }
}
