package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.json.JsonMapper;

/** {@code access login | token | curl | tcp} against a whole server, with a person in a browser on the other side. */
class AccessCommandsIT {
    private static final String TEAM = "auth.localhost";
    private static final String WIKI = "wiki.localhost";
    private static final String VAULT = "vault.localhost";
    private static final String SSH = "ssh.localhost";
    private static final String OPEN = "open-to-all.localhost";

    private static final FakeIdp IDP = FakeIdp.start();
    private static final SampleSite SITE = SampleSite.start();
    private static TestServer server;
    private static DisposableServer echo;
    private static AdminClient admin;

    @TempDir
    private Path home;

    private final Visitor ada = new Visitor();

    @BeforeAll
    static void start() {
        echo = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.ws(
                        "/", (in, out) -> out.sendObject(in.receiveFrames().map(frame -> frame.retain()))))
                .bindNow();
        server = TestServer.shared();
        admin = server.admin();
        admin.post("/access/identity_providers", """
                {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s","pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, IDP.issuer()));
        String staff = policy("Staff", "example.com");
        application(WIKI, SITE.url(), staff, "");
        application(SSH, "http://127.0.0.1:" + echo.port(), staff, ",\"skip_interstitial\":true");
        application(
                OPEN, SITE.url(), admin.post("/access/policies", """
                        {"name":"Everybody here","decision":"bypass","include":[{"everyone":{}}]}""").get("id").asString(), "");
        application(VAULT, SITE.url(), policy("Strangers", "elsewhere.example"), "");
        await("the applications to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().get(server.url(VAULT, "/")).status() == 302);
    }

    @AfterAll
    static void stop() {
        echo.disposeNow();
        IDP.close();
        SITE.close();
    }

    @BeforeEach
    void behave() {
        IDP.behave();
    }

    private static String policy(String name, String domain) {
        return admin.post("/access/policies", """
                        {"name":"%s","decision":"allow","include":[{"email_domain":{"domain":"%s"}}]}""".formatted(name, domain))
                .get("id")
                .asString();
    }

    private static void application(String host, String service, String policy, String more) {
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, service));
        admin.post(
                "/access/apps",
                "{\"type\":\"self_hosted\",\"name\":\"%s\",\"domain\":\"%s\",\"policies\":[\"%s\"]%s}"
                        .formatted(host, host, policy, more));
    }

    /** A command that runs while a person does something. */
    private final class Running {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final CompletableFuture<Integer> status;

        Running(InputStream in, String... args) {
            Terminal terminal = new Terminal(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    in,
                    Map.of(),
                    home,
                    InstantSource.system());
            status = CompletableFuture.supplyAsync(
                    () -> Commands.run(List.of(args), terminal),
                    command -> Thread.ofVirtual().start(command));
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }

        /** Waits for what the pattern finds on standard error. */
        String said(String pattern) {
            Pattern wanted = Pattern.compile(pattern);
            await(pattern)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> wanted.matcher(err()).find());
            Matcher found = wanted.matcher(err());
            assertThat(found.find()).isTrue();
            return found.group(1);
        }

        int status() {
            return status.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    private Running command(String... args) {
        return new Running(new ByteArrayInputStream(new byte[0]), args);
    }

    /** Opens the printed page as Ada, signs in when asked, and returns the page she ends on. */
    private Answer openAsAda(String page) {
        Answer answer = ada.open(page);
        if (answer.body().contains("Continue with Fake")) {
            answer = ada.follow(ada.get(server.url(TEAM, answer.link("Continue with Fake"))));
        }
        return answer;
    }

    private Answer approve(Answer page) {
        return ada.submit(server.url(TEAM, "/cdn-cgi/access/cli"), Map.of("form", page.field("form")));
    }

    private String signedIn(String host) {
        Running login = command("access", "login", server.url(host, "/"));
        Answer page = openAsAda(login.said("(http://\\S+/cdn-cgi/access/cli\\S+)"));
        if (page.body().contains("Sign it in")) {
            approve(page);
        }
        assertThat(login.status()).as(login.err()).isZero();
        return login.out().strip();
    }

    /** Stock cloudflared takes no other than RS256. */
    private static String algorithm(String compact) {
        byte[] header = Base64.getUrlDecoder().decode(compact.substring(0, compact.indexOf('.')));
        return JsonMapper.shared().readTree(header).get("alg").asString();
    }

    @Test
    void aPersonComparesTheCodeApprovesAndTheCommandLineHasTheirToken() throws Exception {
        Running login = command("access", "login", server.url(WIKI, "/docs"));
        String url = login.said("(http://\\S+/cdn-cgi/access/cli\\S+)");
        String code = login.said("code ([0-9A-F]{4}-[0-9A-F]{4})");

        Answer page = openAsAda(url);

        assertThat(page.body()).contains(code, WIKI, "ada@example.com");
        assertThat(approve(page).body()).contains("Your command line is signed in");
        assertThat(login.status()).isZero();
        Visitor program = new Visitor().header("Cf-Access-Token", login.out().strip());
        assertThat(program.get(server.url(WIKI, "/docs")).status()).isEqualTo(200);
        try (Stream<Path> files = Files.list(home.resolve(".cloudflared"))) {
            assertThat(files.filter(file -> file.toString().endsWith("-token")))
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"))
                    .allSatisfy(file ->
                            assertThat(algorithm(Files.readString(file))).isEqualTo("RS256"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(".cloudflared"))))
                .isEqualTo("rwx------");
    }

    @Test
    void tokenPrintsWhatLoginGotAndLoginAsksOnlyOnce() {
        Running none = command("access", "token", "--app", server.url(WIKI, "/"));
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("access login");
        String token = signedIn(WIKI);

        Running printed = command("access", "token", "-app=" + server.url(WIKI, "/"));
        Running again = command("access", "login", "--no-verbose", server.url(WIKI, "/"));

        assertThat(printed.status()).as(printed.err()).isZero();
        assertThat(printed.out().strip()).isEqualTo(token);
        assertThat(again.status()).isZero();
        assertThat(again.out().strip()).isEqualTo(token);
        assertThat(again.err()).doesNotContain("/cdn-cgi/access/cli");
    }

    @Test
    void aSecondApplicationNeedsNoBrowser() {
        signedIn(WIKI);

        Running second = command("access", "login", server.url(SSH, "/"));

        assertThat(second.status()).as(second.err()).isZero();
        assertThat(second.err()).doesNotContain("/cdn-cgi/access/cli");
        assertThat(new Visitor()
                        .header("Cf-Access-Token", second.out().strip())
                        .get(server.url(WIKI, "/"))
                        .status())
                .as("a token opens its own application alone")
                .isEqualTo(302);
    }

    @Test
    void whereNobodyIsAskedForASignInLoginSaysSoAndCurlGoesWithoutAToken() {
        Running login = command("access", "login", server.url(OPEN, "/"));
        assertThat(login.status()).as(login.err()).isZero();
        assertThat(login.err()).contains(OPEN + " requires no sign-in from here");
        assertThat(login.out()).isEmpty();

        Running curl = command(
                "access",
                "curl",
                server.url(OPEN, "/without"),
                "-s",
                "--resolve",
                OPEN + ":" + server.port() + ":127.0.0.1");
        assertThat(curl.status()).as(curl.err()).isZero();
        assertThat(curl.out()).contains("You are at /without");
    }

    @Test
    void curlSpeaksAsThePersonAndNoProcessListShowsTheToken() {
        signedIn(WIKI);

        Running curl = command(
                "access",
                "curl",
                server.url(WIKI, "/from-curl"),
                "-s",
                "--resolve",
                WIKI + ":" + server.port() + ":127.0.0.1");

        assertThat(curl.status()).as(curl.err()).isZero();
        assertThat(curl.out()).contains("You are at /from-curl");
        assertThat(SITE.lastVisitTo("/from-curl").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                .isEqualTo("ada@example.com");
        assertThat(SITE.lastVisitTo("/from-curl").headers().containsKey("Cf-Access-Token"))
                .isFalse();
    }

    @Test
    void tcpCarriesAMegabyteOverStandardInputAndOutputUnchanged() {
        signedIn(SSH);
        byte[] sent = new byte[1 << 20];
        new Random(7).nextBytes(sent);

        Running tcp = new Running(new ByteArrayInputStream(sent), "access", "tcp", "--hostname", server.url(SSH, "/"));

        await("everything to come back")
                .atMost(Duration.ofSeconds(30))
                .until(() -> tcp.out.size() >= sent.length || tcp.status.isDone());
        assertThat(tcp.out.toByteArray()).as(tcp.err()).isEqualTo(sent);
        assertThat(tcp.status()).isZero();
    }

    @Test
    void tcpListensLocallyAndAsksForTheSignInOnTheFirstConnection() throws Exception {
        Running tcp = command("access", "tcp", "--hostname", server.url(SSH, "/"), "--url", "127.0.0.1:0");
        int port = Integer.parseInt(tcp.said("Listening on 127.0.0.1:([0-9]+)"));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("SSH-2.0-hello\r\n".getBytes(StandardCharsets.US_ASCII));

            ada.header("Sec-Fetch-Site", "none").header("Sec-Fetch-Dest", "document");
            Answer page = openAsAda(tcp.said("(http://\\S+/cdn-cgi/access/cli\\S+)"));

            assertThat(page.body()).as("skip_interstitial").contains("Your command line is signed in");
            assertThat(new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("SSH-2.0-hello\r\n");
        }
        tcp.status.cancel(true);
    }

    @Test
    void aRevokedTokenIsReplacedByANewSignIn() {
        String first = signedIn(WIKI);
        ada.get(server.url(TEAM, "/cdn-cgi/access/logout"));
        await("the token to end")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                new Visitor() // a request that is under way when the token ends is cut off
                                        .header("Cf-Access-Token", first)
                                        .get(server.url(WIKI, "/"))
                                        .status())
                        .isEqualTo(302));

        assertThat(signedIn(WIKI)).isNotEqualTo(first);
    }

    @Test
    void whoMayNotOpenTheApplicationGetsNoToken() {
        Running login = command("access", "login", server.url(VAULT, "/"));

        Answer refused = openAsAda(login.said("(http://\\S+/cdn-cgi/access/cli\\S+)"));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("You do not have access");
        login.status.cancel(true);
    }

    @Test
    void aLinkForAnotherApplicationOrWithoutAKeyIsRefused() {
        String aud = admin.get("/access/apps?name=" + WIKI).get(0).get("aud").asString();
        String key = "A".repeat(43);
        for (String query : List.of(
                "aud=" + aud,
                "aud=" + aud + "&token=short",
                "aud=" + "0".repeat(64) + "&token=" + key,
                "token=" + key,
                "aud=" + aud + "&token=" + key + "&token=" + key)) {
            assertThat(ada.get(server.url(WIKI, "/cdn-cgi/access/cli?" + query)).status())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(ada.get(server.url(VAULT, "/cdn-cgi/access/cli?aud=" + aud + "&token=" + key))
                        .status())
                .as("another application's host")
                .isEqualTo(400);
    }

    @Test
    void anApprovalMadeInAnotherBrowserCountsForNothing() {
        Running login = command("access", "login", server.url(WIKI, "/"));
        Answer page = openAsAda(login.said("(http://\\S+/cdn-cgi/access/cli\\S+)"));

        Answer stolen = new Visitor().post(server.url(TEAM, "/cdn-cgi/access/cli"), Map.of("form", page.field("form")));

        assertThat(stolen.status()).isEqualTo(400);
        assertThat(login.status.isDone()).isFalse();
        approve(page);
        assertThat(login.status()).isZero();
    }

    /** A page on a neighbouring host can plant CF_Session on the team domain, and make a browser post there. */
    @Test
    void cs04AnApprovalThatWasShownToOnePersonCountsForNoOther() {
        Visitor mallory = new Visitor();
        IDP.misbehave(new FakeIdp.Misbehaviour().claim("sub", "mallory-1").claim("email", "mallory@example.com"));
        String link = server.url(WIKI, "/cdn-cgi/access/cli?aud=" + audience(WIKI) + "&token=" + "M".repeat(43));
        Answer hers =
                mallory.follow(mallory.get(server.url(TEAM, mallory.open(link).link("Continue with Fake"))));
        assertThat(hers.body()).contains("mallory@example.com");
        IDP.behave();
        signedIn(WIKI);

        ada.plant(TEAM, "CF_Session", mallory.cookie(TEAM, "CF_Session"));
        Answer tricked = approve(hers);

        assertThat(tricked.status()).as(tricked.body()).isEqualTo(400);
    }

    @Test
    void aFormSentByAnotherSitesPageApprovesNothing() {
        signedIn(WIKI);
        String link = server.url(WIKI, "/cdn-cgi/access/cli?aud=" + audience(WIKI) + "&token=" + "N".repeat(43));
        Answer page = openAsAda(link);

        for (String site : List.of("cross-site", "same-site", "none")) {
            ada.header("Sec-Fetch-Site", site);
            assertThat(approve(page).status()).as(site).isEqualTo(400);
        }
        ada.header("Sec-Fetch-Site", "same-origin");
        assertThat(approve(page).body()).contains("Your command line is signed in");
    }

    /** Whoever chose the key gets the tokens: a picture on a stranger's page must not be enough, nor a link there. */
    @Test
    void withoutTheInterstitialNothingButAWindowThatThePersonOpenedHandsTokensOver() {
        signedIn(SSH);
        String link = server.url(SSH, "/cdn-cgi/access/cli?aud=" + audience(SSH) + "&token=" + "P".repeat(43));

        record From(String site, String destination) {}
        for (From from : List.of(
                new From("", ""),
                new From("cross-site", "image"),
                new From("cross-site", "document"),
                new From("same-site", "document"),
                new From("none", "image"))) {
            ada.header("Sec-Fetch-Site", from.site()).header("Sec-Fetch-Dest", from.destination());
            assertThat(ada.open(link).body())
                    .as(from.toString())
                    .contains("Sign it in")
                    .doesNotContain("Your command line is signed in");
        }
        ada.header("Sec-Fetch-Site", "none").header("Sec-Fetch-Dest", "document");
        assertThat(ada.open(link).body()).contains("Your command line is signed in");
    }

    private static String audience(String host) {
        return admin.get("/access/apps?name=" + host).get(0).get("aud").asString();
    }

    @Test
    void theHostSaysWhichApplicationItIsAndNothingOfThatReachesTheOrigin() {
        int before = SITE.visits().size();
        Answer described =
                new Visitor().header("cf-access-metadata-request", "true").request("HEAD", server.url(WIKI, "/x"));

        assertThat(described.status()).isEqualTo(200);
        assertThat(described.header("cf-access-metadata").split("\\.")).hasSize(3);
        assertThat(described.header("cf-access-domain")).isEqualTo(WIKI);
        assertThat(SITE.visits()).hasSize(before);
        assertThat(new Visitor()
                        .header("Cf-Access-Token", described.header("cf-access-metadata"))
                        .get(server.url(WIKI, "/"))
                        .status())
                .as("a description is no session (CS-05)")
                .isEqualTo(302);
    }

    @Test
    void theTokenCheckIsAnsweredByTheEdge() {
        String token = signedIn(WIKI);
        int before = SITE.visits().size();
        String check = server.url(WIKI, "/?cloudflared_token_check=true");

        assertThat(new Visitor().header("Cf-Access-Token", token).get(check).status())
                .isEqualTo(200);
        Answer bad = new Visitor().header("Cf-Access-Token", token + "x").get(check);

        assertThat(bad.status()).isEqualTo(302);
        assertThat(URI.create(bad.header("location")).getPath()).startsWith("/cdn-cgi/access/login");
        assertThat(SITE.visits()).hasSize(before);
    }
}
