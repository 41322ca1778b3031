package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What the dashboard gives to who is about to run a tunnel, and to whom {@code tunnel route dns} sends there. */
class ConsoleTunnelsIT extends AtTheConsole {
    @Test
    void whoRunsCloudflaredIsGivenTheAddressAndTheAuthorityOfTheEdge() throws IOException {
        Page page = console.admin();
        go(page, "tunnels");
        label(page, "Name").fill("for-cloudflared");
        press(page, "Create");
        page.getByText("With cloudflared instead").click();

        assertThat(page.locator("details", new Page.LocatorOptions().setHasText("With cloudflared"))
                        .innerText())
                .containsPattern("--edge console\\.localhost:[0-9]+ .*--cacert tunnel-ca\\.pem run");
        picture(page, "tunnel-made");
        Download download = page.waitForDownload(() -> press(page, "Download tunnel-ca.pem"));
        assertThat(download.suggestedFilename()).isEqualTo("tunnel-ca.pem");
        assertThat(Files.readString(download.path()))
                .isEqualTo(world.admin
                        .get("/sallyport/tunnel_authority")
                        .path("certificate")
                        .asString());
    }

    @Test
    void anApplicationForAHostBeginsWithThatHost() {
        Page page = console.admin();
        go(page, "applications/new?host=fresh.example.com");
        assertThat(label(page, "Host").inputValue()).isEqualTo("fresh.example.com");
        label(page, "Name").fill("Fresh");
        press(page, "Create");
        page.waitForURL("**/#/applications/*-*");
        assertThat(only("/access/apps", "Fresh").path("domain").asString()).isEqualTo("fresh.example.com");
    }
}
