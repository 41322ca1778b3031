package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.picture;
import static io.sallyport.login.ConsoleBrowser.press;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
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
    void aTunnelThatWasMadeIsInTheListAtOnceBesideItsCommand() {
        Page page = console.admin();
        go(page, "tunnels?search=listed-at-once");
        page.getByText("No tunnel fits.").waitFor();
        label(page, "Name").fill("listed-at-once");
        label(page, "Name").press("Enter");

        said(page, "Created.");
        assertThat(page.locator("tbody").innerText()).contains("listed-at-once");
        assertThat(label(page, "Command that runs the connector").innerText()).startsWith("TUNNEL_TOKEN=ey");
        assertThat(focused(page)).isEqualTo("Create");
        page.reload();
        page.locator("tbody").getByText("listed-at-once").waitFor();
        assertThat(page.content()).as("nothing keeps the token").doesNotContain("TUNNEL_TOKEN");
    }

    @Test
    void aTunnelWhoseTokenThisAdminMayNotReadIsInTheListAllTheSame() {
        Page page = console.admin();
        page.route(
                "**/cfd_tunnel/*/token",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(403)
                        .setContentType("application/json")
                        .setBody("{\"success\":false,\"errors\":[],\"messages\":[],\"result\":null}")));
        go(page, "tunnels?search=token-not-shown");
        label(page, "Name").fill("token-not-shown");
        press(page, "Create");

        said(page, "This token may not do that.");
        assertThat(page.locator("tbody").innerText()).contains("token-not-shown");
        page.unroute("**/cfd_tunnel/*/token");
        console.complaints().removeIf(each -> each.contains("403"));
    }

    /** A connector that is started without them answers every visitor that it gets with 503. */
    @Test
    void theCommandForATunnelThatItsConnectorsConfigureSaysWhereTheyGetTheirRules() {
        String tunnel = world.admin
                .post("/cfd_tunnel", "{\"name\":\"by-its-connector\",\"config_src\":\"local\"}")
                .get("id")
                .asString();
        Page page = console.admin();
        go(page, "tunnels/" + tunnel);
        press(page, "Show the command");
        assertThat(label(page, "Command that runs the connector").innerText())
                .matches("TUNNEL_TOKEN=\\S+ sallyport tunnel --url http://localhost:3000 run");
        assertThat(page.locator("main").innerText()).contains("answers every request with 503");
    }

    @Test
    void aHostThatRouteDnsLedToATunnelIsOnTheTunnelsPage() {
        String tunnel = world.admin
                .post("/cfd_tunnel", "{\"name\":\"by-alias\"}")
                .get("id")
                .asString();
        String zone = world.admin
                .callAt("GET", "/zones", null)
                .result()
                .path(0)
                .path("id")
                .asString();
        assertThat(world.admin
                        .callAt("PUT", "/zones/" + zone + "/tunnels/" + tunnel + "/routes", """
                                {"type":"dns","user_hostname":"aliased.example.com"}""")
                        .status())
                .isEqualTo(200);

        Page page = console.admin();
        go(page, "tunnels/" + tunnel);
        page.locator("table", new Page.LocatorOptions().setHasText("Hosts by DNS alias"))
                .getByText("aliased.example.com")
                .click();
        page.waitForURL("**/#/zones/*/*");
    }

    @Test
    void aHostThatTheDnsServerHasNotTakenSaysWhy() {
        String tunnel = world.admin
                .post("/cfd_tunnel", "{\"name\":\"not-taken\"}")
                .get("id")
                .asString();
        Page page = console.admin();
        page.route(
                "**/dns_records?*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                        {"success":true,"errors":[],"messages":[],"result":[
                          {"id":"1","type":"CNAME","name":"taken.example.com","content":"%1$s.tunnel.localhost",
                           "created_on":"2026-11-28T09:00:00Z","meta":{"dns_update":"pending: the DNS server answered REFUSED"}},
                          {"id":"2","type":"CNAME","name":"told.example.com","content":"%1$s.tunnel.localhost",
                           "created_on":"2026-11-28T09:00:00Z","meta":{"dns_update":"done"}}]}""".formatted(tunnel))));
        go(page, "tunnels/" + tunnel);
        Locator hosts = page.locator("table", new Page.LocatorOptions().setHasText("Hosts by DNS alias"));
        hosts.getByText("told.example.com").waitFor();
        assertThat(hosts.innerText()).containsOnlyOnce("Not at the DNS server yet: the DNS server answered REFUSED");
        page.unroute("**/dns_records?*");
    }

    @Test
    void anErrorIsReadToItsEndOnAPhoneAndWhereThereIsNoneNothingIsSaid() {
        String tunnel = world.admin
                .post("/cfd_tunnel", "{\"name\":\"with-error\"}")
                .get("id")
                .asString();
        Page page = console.admin(390, ColorScheme.LIGHT);
        page.route(
                "**/sallyport/tunnels/*/activity",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                        {"success":true,"errors":[],"messages":[],"result":{"disconnects":[],"connectors":[
                          {"id":"25e9de8b-1574-4d53-b764-5ff2d25edf40","version":"v","arch":"a","run_at":"2026-11-28T09:00:00Z","conns":[
                            {"conn_index":0,"protocol":"quic","requests":1,"bytes_in":1300,"bytes_out":0,"opened_at":"2026-11-28T09:00:00Z",
                             "last_error":"the connector got no answer from the origin","last_error_at":"2026-11-28T09:00:00Z"},
                            {"conn_index":1,"protocol":"quic","requests":0,"bytes_in":0,"bytes_out":0,"opened_at":"2026-11-28T09:00:00Z"}]}]}}""")));
        go(page, "tunnels/" + tunnel);

        Locator errors = page.locator("td[data-label='Last error']:visible");
        errors.first().waitFor();
        assertThat(errors.allInnerTexts()).singleElement().asString().contains("got no answer from the origin");
        assertThat(errors.first().evaluate("cell => cell.scrollWidth <= cell.clientWidth"))
                .isEqualTo(true);
        page.unroute("**/sallyport/tunnels/*/activity");
    }

    @Test
    void aListThatWasNotCountedToItsEndSaysSoAndGoesOn() {
        Page page = console.admin();
        page.route(
                "**/sallyport/decisions?*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                        {"success":true,"errors":[],"messages":[],"result":[],
                         "result_info":{"page":1,"per_page":50,"count":50,"total_count":10000,"total_pages":200,"at_least":true}}""")));
        go(page, "decisions");
        page.getByText("More than 10,000 kept").waitFor();
        page.getByText("Page 1 of more than 200").waitFor();
        go(page, "decisions?page=200");
        page.getByText("Older", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("Page 201 of more than 200").waitFor();
        page.unroute("**/sallyport/decisions?*");
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
