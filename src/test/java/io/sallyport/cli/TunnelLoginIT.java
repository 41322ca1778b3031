package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code tunnel login} against a whole server: the command waits, an admin approves in a browser, the certificate works. */
class TunnelLoginIT {
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private static TestServer server;
    private final HttpClient browser = HttpClient.newHttpClient();

    @TempDir
    private Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void start() {
        server = TestServer.shared();
    }

    private CompletableFuture<Integer> login() {
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                Map.of("SALLYPORT_API_URL", api()),
                home,
                InstantSource.system());
        return CompletableFuture.supplyAsync(
                () -> Commands.run(List.of("tunnel", "login"), terminal), Thread::startVirtualThread);
    }

    private static String api() {
        return "http://127.0.0.1:" + server.port() + "/client/v4";
    }

    private static URI page(String query) {
        return URI.create("http://127.0.0.1:" + server.port() + "/argotunnel" + query);
    }

    private HttpResponse<String> open(URI page) throws IOException, InterruptedException {
        return browser.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> approve(String token, String key) throws IOException, InterruptedException {
        String form = "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)
                + (key == null ? "" : "&key=" + URLEncoder.encode(key, StandardCharsets.UTF_8));
        return browser.send(
                HttpRequest.newBuilder(page(""))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Test
    void anApprovedCommandHasItsCertificateAndMakesTunnelsWithIt() throws Exception {
        CompletableFuture<Integer> command = login();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> err.toString(StandardCharsets.UTF_8).contains("callback="));
        String said = err.toString(StandardCharsets.UTF_8);
        URI address = URI.create(found("(http\\S+callback=\\S+)", said));
        HttpResponse<String> form = open(address);
        assertThat(form.statusCode()).isEqualTo(200);
        assertThat(form.body())
                .contains(found("shows the code ([0-9a-f]{4}-[0-9a-f]{4})", said))
                .as("where a first admin finds what is asked for")
                .contains("<code>admin-token</code>");
        assertThat(form.headers().firstValue("content-security-policy").orElse(""))
                .contains("form-action 'self'");
        String key = found(
                "/argotunnel/([A-Za-z0-9_-]{43}=)$", URLDecoder.decode(address.toString(), StandardCharsets.UTF_8));

        assertThat(approve("not-a-token", key).statusCode()).isEqualTo(400);
        assertThat(command).isNotDone();
        assertThat(approve(TestServer.ADMIN_TOKEN, key).body()).contains("Approved");
        assertThat(command.get(60, TimeUnit.SECONDS)).isZero();
        Path cert = home.resolve(".cloudflared/cert.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cert)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(cert)).startsWith("-----BEGIN ARGO TUNNEL TOKEN-----");

        CliRun created = CliRun.of(Map.of(), home, "tunnel", "create", "from-login");
        assertThat(created.status()).as(created.err()).isZero();
        assertThat(CliRun.of(Map.of(), home, "tunnel", "route", "dns", "from-login", "login.example.com")
                        .status())
                .isZero();
        assertThat(CliRun.of(Map.of(), home, "tunnel", "token", "from-login").status())
                .isZero();
        CliRun management = CliRun.of(Map.of(), home, "management", "token", "--resource", "logs", "from-login");
        assertThat(management.status()).as(management.err()).isZero();
        JsonNode others = server.admin().callAt("GET", "/accounts", null).result();
        String account = others.path(0).path("id").asString();
        OriginCert read = OriginCert.parse(cert, Files.readString(cert));
        assertThat(new AdminClient(
                                "http://127.0.0.1:" + server.port(),
                                read.apiToken().reveal())
                        .callAt("GET", "/accounts/" + account + "/access/apps", null)
                        .status())
                .as("the certificate is for tunnels alone")
                .isEqualTo(404);

        assertThat(approve(TestServer.ADMIN_TOKEN, key).statusCode())
                .as("the key was used, so nothing waits under it; a new certificate may, for ten minutes")
                .isEqualTo(200);
        assertThat(login().get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("is not overwritten");
    }

    @Test
    void withoutAWaitingCommandTheCertificateIsADownload() throws Exception {
        assertThat(open(page("")).body()).contains("Download");
        HttpResponse<String> download = approve(TestServer.ADMIN_TOKEN, null);
        assertThat(download.headers().firstValue("content-disposition")).contains("attachment; filename=\"cert.pem\"");
        assertThat(download.headers().firstValue("cache-control")).contains("no-store");
        assertThat(OriginCert.parse(home, download.body()).apiUrl()).contains(api());
    }

    @Test
    @DisplayName("TU-10: a kept certificate is enveloped, handed out once, and only for its key")
    void tu10AKeptCertificateIsHandedOutOnceAndOnlyForItsKey() throws Exception {
        assertThat(approve(TestServer.ADMIN_TOKEN, KEY).statusCode()).isEqualTo(200);
        long tokens = tokens();
        assertThat(approve(TestServer.ADMIN_TOKEN, KEY).body())
                .as("a button pressed twice")
                .contains("Approved");
        assertThat(tokens()).as("makes no second token").isEqualTo(tokens);
        assertThat(open(page("/" + KEY)).body()).startsWith("-----BEGIN ARGO TUNNEL TOKEN-----");
        assertThat(approve(TestServer.ADMIN_TOKEN, KEY).statusCode())
                .as("taken, so free")
                .isEqualTo(200);
        assertThat(open(page("/" + KEY.replace('A', '.'))).statusCode()).isEqualTo(404);
        assertThat(open(page("?callback=https://evil.example.com/short")).statusCode())
                .isEqualTo(400);
    }

    private static long tokens() {
        return server.admin().get("/sallyport/tokens?per_page=1000").size();
    }

    @Test
    @DisplayName(
            "stock cloudflared waits at the host that is compiled into it, is held while nobody approved, and is served once")
    void stockCloudflaredWaitsAtTheHostThatIsCompiledIntoIt() throws Exception {
        String key = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB=";
        CompletableFuture<RawHttp.Response> waiting =
                CompletableFuture.supplyAsync(() -> atTransferHost(key), Thread::startVirtualThread);

        assertThat(waiting).as("ten tries without a pause are all it makes").failsWithin(Duration.ofSeconds(1));
        assertThat(approve(TestServer.ADMIN_TOKEN, key).statusCode()).isEqualTo(200);

        RawHttp.Response answer = waiting.get(30, TimeUnit.SECONDS);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(OriginCert.parse(home, answer.text()).apiUrl()).contains(api());
        assertThat(atTransferHost("notakey").status())
                .as("nothing else of the console is at that host")
                .isEqualTo(404);
        assertThat(atTransferHost("argotunnel").status()).isEqualTo(404);
    }

    private static RawHttp.Response atTransferHost(String key) {
        return RawHttp.exchange(
                server.port(),
                "GET /" + key
                        + " HTTP/1.1\r\nHost: login.cloudflareaccess.org\r\nUser-Agent: cloudflared/2026.8.2\r\n\r\n");
    }

    @Test
    @DisplayName("AD-02: who may not make tokens gets no certificate")
    void ad02WhoMayNotMakeTokensGetsNoCertificate() throws Exception {
        String editor = server.admin()
                .post("/sallyport/tokens", "{\"name\": \"ed\", \"role\": \"editor\"}")
                .path("token")
                .asString();
        HttpResponse<String> refused = approve(editor, null);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("may not make other tokens").doesNotContain(editor);
    }
}
