package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Configuration;
import io.sallyport.connector.Connector;
import io.sallyport.connector.ConnectorLog;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestServer;
import io.sallyport.tunnel.TunnelServer;
import io.sallyport.tunnel.wire.EdgeGuide;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The README's story of a tunnel with nothing but its own words: no flag says where the edge is or whom to believe for it. */
class TunnelStoryIT {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static TestServer server;

    @TempDir
    private Path home;

    /** A machine that has nothing but what it is given. */
    @TempDir
    private Path elsewhere;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final String name = "story-" + NUMBER.incrementAndGet();
    private final String host = name + ".example.com";

    @BeforeAll
    static void start() {
        server = TestServer.shared();
    }

    @BeforeEach
    void logIn() throws IOException {
        String pem = server.admin()
                .post(
                        "/sallyport/tunnel_certificates",
                        "{\"api_url\":\"http://127.0.0.1:%d/client/v4\"}".formatted(server.port()))
                .path("certificate")
                .asString();
        Files.createDirectories(home.resolve(".cloudflared"));
        Files.writeString(home.resolve(".cloudflared/cert.pem"), pem);
    }

    private CliRun must(String... args) {
        CliRun run = CliRun.of(Map.of(), home, args);
        assertThat(run.status()).as(run.err()).isZero();
        return run;
    }

    private static void guard(String host) {
        server.admin().post("/access/apps", """
                {"type":"self_hosted","name":"%s","domain":"%s","policies":[
                 {"name":"open","decision":"bypass","include":[{"everyone":{}}]}]}""".formatted(host, host));
    }

    /** What {@code tunnel run} would run with these variables and arguments in this home. */
    private Connector connector(Path at, Map<String, String> environment, String... args) {
        Terminal terminal = new Terminal(
                new PrintStream(log, true, StandardCharsets.UTF_8),
                new PrintStream(log, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                environment,
                at,
                InstantSource.system());
        TunnelOptions options = new TunnelOptions();
        TunnelApiOptions api = new TunnelApiOptions();
        CommandLine line = TunnelRunCommand.commandLine(terminal, options, api);
        CommandLine.ParseResult parsed = line.parseArgs(args);
        RunSettings run = new RunSettings(terminal, options, api, Optional.empty());
        String tunnel = parsed.matchedPositionals().isEmpty()
                ? null
                : parsed.matchedPositionals().getFirst().getValue();
        ConnectorSettings settings = run.settings(tunnel);
        Configuration configuration = run.configuration(Optional.empty());
        return new Connector(
                settings,
                configuration,
                new ConnectorLog(terminal.err(), ConnectorLog.Level.INFO, terminal.clock()),
                terminal.clock());
    }

    private void publishes(Connector connector, RecordingOrigin origin) {
        try {
            connector.start();
            await("the published page: " + host)
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> RawHttp.exchange(
                                            server.port(),
                                            "GET /hello HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                                    .status()
                            == 200);
            assertThat(origin.take().target()).isEqualTo("/hello");
        } finally {
            connector.stop(Duration.ZERO).join();
        }
    }

    @Test
    void threeCommandsPublishALocalServerAndSayWhatIsMissing() {
        must("tunnel", "create", name);
        CliRun routed = must("tunnel", "route", "dns", name, host);
        assertThat(routed.err())
                .contains("No application protects " + host + " yet, so the gateway admits nobody.")
                .contains("http://127.0.0.1:" + server.port() + "/#/applications/new?host=" + host);
        guard(host);
        await("the application to be known")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                must("tunnel", "route", "dns", name, host).err())
                        .isEmpty());
        try (RecordingOrigin origin = RecordingOrigin.start()) {
            publishes(connector(home, Map.of(), "--url", origin.uri().toString(), name), origin);
        }
    }

    @Test
    void aTokenAloneRunsTheTunnelOnAnotherMachine() {
        must("tunnel", "create", name);
        must("tunnel", "route", "dns", name, host);
        guard(host);
        String token = must("tunnel", "token", name).out().strip();
        assertThat(TunnelCredentials.ofToken(token).edge().address())
                .isEqualTo("console.localhost:"
                        + server.context().getBean(TunnelServer.class).port());
        try (RecordingOrigin origin = RecordingOrigin.start()) {
            Map<String, String> environment =
                    Map.of("TUNNEL_TOKEN", token, "TUNNEL_URL", origin.uri().toString());
            publishes(connector(elsewhere, environment), origin);
        }
    }

    @Test
    void forCredentialsThatSayNothingOfTheEdgeTheCertOfTheSameGatewayDoes() throws IOException {
        must("tunnel", "create", name);
        Path written;
        try (Stream<Path> files = Files.list(home.resolve(".cloudflared"))) {
            written = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
        TunnelCredentials mine = TunnelCredentials.ofFile(Files.readString(written), null);
        TunnelCredentials asOfCloudflared = mine.with(EdgeGuide.NONE);
        assertThat(Files.readString(written)).contains("BEGIN CERTIFICATE");

        EdgeGuide told = guide(Map.of("TUNNEL_TOKEN", asOfCloudflared.token()));
        assertThat(told.address())
                .isEqualTo("127.0.0.1:"
                        + server.context().getBean(TunnelServer.class).port());
        assertThat(told.authority()).isEqualTo(mine.edge().authority());

        TunnelCredentials ofOthers = new TunnelCredentials("another", mine.tunnelId(), mine.secret());
        assertThat(guide(Map.of("TUNNEL_TOKEN", ofOthers.token())))
                .as("a cert.pem vouches for its own gateway alone")
                .isEqualTo(EdgeGuide.NONE);
    }

    private EdgeGuide guide(Map<String, String> environment) {
        Terminal terminal = new Terminal(
                System.out,
                System.err,
                new ByteArrayInputStream(new byte[0]),
                environment,
                home,
                InstantSource.system());
        return new RunSettings(terminal, new TunnelOptions(), new TunnelApiOptions(), Optional.empty())
                .settings(null)
                .credentials()
                .edge();
    }

    @Test
    @DisplayName("TU-01: an edge that another authority vouches for is not believed, whatever the machine trusts")
    void tu01AnEdgeThatAnotherAuthorityVouchesForIsNotBelieved() {
        must("tunnel", "create", name);
        TunnelCredentials mine =
                TunnelCredentials.ofToken(must("tunnel", "token", name).out());
        EdgeGuide other = new EdgeGuide(mine.edge().address(), new TestAuthority("Sallyport Tunnel CA").pem());
        Connector connector = connector(
                elsewhere, Map.of("TUNNEL_TOKEN", mine.with(other).token()), "--protocol", "http2", "--hello-world");
        try {
            connector.start();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(log.toString(StandardCharsets.UTF_8))
                            .contains("from an authority that is not trusted here"));
            assertThat(connector.readyConnections()).isZero();
        } finally {
            connector.stop(Duration.ZERO).join();
        }
    }

    @Test
    void whatAnOldCertOfSomebodyElseHoldsIsNoAuthority() {
        String foreign = "-----BEGIN ARGO TUNNEL TOKEN-----\n"
                + Base64.getEncoder()
                        .encodeToString("{\"zoneID\":\"z\",\"accountID\":\"a\",\"apiToken\":\"t\"}"
                                .getBytes(StandardCharsets.UTF_8))
                + "\n-----END ARGO TUNNEL TOKEN-----\n";
        String certificate = new TestAuthority("Somebody").pem();
        assertThat(OriginCert.parse(home, foreign + certificate).edge()).isEqualTo(EdgeGuide.NONE);
    }

    @Test
    void stockCloudflaredFindsTheAuthorityInTheSameFile() throws IOException {
        String pem = Files.readString(home.resolve(".cloudflared/cert.pem"));
        String authority = server.admin()
                .get("/sallyport/tunnel_authority")
                .path("certificate")
                .asString();
        assertThat(pem).startsWith("-----BEGIN ARGO TUNNEL TOKEN-----").endsWith(authority);
        assertThat(OriginCert.parse(home, pem).edge().authority()).isEqualTo(authority);
    }
}
