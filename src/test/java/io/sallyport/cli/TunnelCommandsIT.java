package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.Pem;
import io.sallyport.testkit.TestServer;
import io.sallyport.tunnel.Registration;
import io.sallyport.tunnel.TunnelLedger;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands about tunnels against a whole server, with the files they read and leave. */
class TunnelCommandsIT {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final JsonMapper JSON = JsonMapper.shared();

    private static TestServer server;

    @TempDir
    private Path home;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    static void start() {
        // Connections that nobody holds stay written down where there is no keeper to strike them out.
        server = TestServer.start(Map.of("sallyport.tunnel.enabled", "false"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void writeTheCertificate() throws IOException {
        String zone = server.admin()
                .callAt("GET", "/zones", null)
                .result()
                .path(0)
                .path("id")
                .asString();
        String json =
                "{\"zoneID\":\"%s\",\"accountID\":\"%s\",\"apiToken\":\"%s\",\"apiURL\":\"http://127.0.0.1:%d/client/v4\"}"
                        .formatted(zone, server.admin().account(), TestServer.ADMIN_TOKEN, server.port());
        Files.createDirectories(home.resolve(".cloudflared"));
        Files.writeString(home.resolve(".cloudflared/cert.pem"), pem("ARGO TUNNEL TOKEN", json));
    }

    private static String pem(String block, String content) {
        return Pem.of(block, content.getBytes(StandardCharsets.UTF_8));
    }

    private CliRun run(String... args) {
        return CliRun.of(environment, home, args);
    }

    private CliRun must(String... args) {
        CliRun run = run(args);
        assertThat(run.status()).as(String.join(" ", args) + ": " + run.err()).isZero();
        return run;
    }

    private static String name() {
        return "cli-" + NAMES.incrementAndGet();
    }

    private String create(String name) {
        return JSON.readTree(must("tunnel", "create", "-o", "json", name).out())
                .path("id")
                .asString();
    }

    private static Registration connect(String tunnel, int index) {
        Registration connection = new Registration(
                UUID.randomUUID(),
                TunnelId.of(tunnel),
                UUID.nameUUIDFromBytes(tunnel.getBytes(StandardCharsets.UTF_8)),
                index,
                "quic",
                "192.0.2.9",
                "2026.8.2",
                "linux_amd64",
                List.of(),
                Instant.parse("2026-11-27T10:00:00Z"));
        assertThat(server.context().getBean(TunnelLedger.class).registered(connection))
                .isTrue();
        return connection;
    }

    @Test
    void createLeavesCredentialsThatOnlyTheirOwnerReads() throws IOException {
        String name = name();
        CliRun created = must("tunnel", "create", name);
        assertThat(created.out()).containsPattern("Created tunnel " + name + " with id [0-9a-f-]{36}");
        String id = created.out().strip().substring(created.out().strip().length() - 36);
        Path file = home.resolve(".cloudflared").resolve(id + ".json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        JsonNode credentials = JSON.readTree(Files.readString(file));
        assertThat(credentials.path("TunnelID").asString()).isEqualTo(id);
        assertThat(credentials.path("AccountTag").asString())
                .isEqualTo(server.admin().account());
        assertThat(Base64.getDecoder().decode(credentials.path("TunnelSecret").asString()))
                .hasSize(32);
        assertThat(created.out() + created.err())
                .doesNotContain(credentials.path("TunnelSecret").asString());
        assertThat(run("tunnel", "create", name).err())
                .contains("there is a tunnel named " + name + " already", "1013", "choose another name");
    }

    @Test
    void createThatCannotWriteItsFileLeavesNoTunnel() throws IOException {
        String name = name();
        Path taken = Files.writeString(home.resolve("taken.json"), "mine");
        CliRun run = run("tunnel", "create", "--cred-file", taken.toString(), name);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("exists already and is not overwritten", "deleted again");
        assertThat(taken).hasContent("mine");
        assertThat(must("tunnel", "list", "-n", name).out()).contains("No tunnels were found");
    }

    @Test
    void listShowsFiltersAndSorts() {
        String stem = name() + "-";
        String b = create(stem + "b");
        String a = create(stem + "a");
        connect(b, 0);
        connect(b, 1);
        String table = must("tunnel", "list", "--name-prefix", stem).out();
        assertThat(table.lines().toList()).hasSize(3);
        assertThat(table)
                .containsPattern("ID +NAME +CREATED +CONNECTIONS +STATUS")
                .contains("2xsallyport");
        assertThat(table.indexOf(a)).isLessThan(table.indexOf(b));
        String sorted = must("tunnel", "list", "--name-prefix", stem, "--sort-by", "numConnections", "--invert-sort")
                .out();
        assertThat(sorted.indexOf(b)).isLessThan(sorted.indexOf(a));
        assertThat(must("tunnel", "list", "-i", a, "-o", "yaml").out()).startsWith("- id: \"" + a);
        must("tunnel", "delete", stem + "a");
        assertThat(must("tunnel", "list", "--name-prefix", stem).out()).doesNotContain(a);
        assertThat(must("tunnel", "list", "-d", "--name-prefix", stem).out()).contains(a, "DELETED");
    }

    @Test
    void infoShowsTheConnectorsOfATunnelByNameOrId() {
        String name = name();
        String id = create(name);
        assertThat(must("tunnel", "info", name).out()).contains("does not have any active connection");
        connect(id, 0);
        assertThat(must("tunnel", "info", id).out())
                .contains("NAME:     " + name, "2026.8.2", "linux_amd64", "192.0.2.9", "1xsallyport");
        JsonNode json = JSON.readTree(must("tunnel", "info", "-o", "json", name).out());
        assertThat(json.path("conns").path(0).path("conns").size()).isEqualTo(1);
    }

    @Test
    void infoShowsHowConnectionsFareAndWhyOthersEnded() {
        String name = name();
        String id = create(name);
        TunnelLedger ledger = server.context().getBean(TunnelLedger.class);
        Registration live = connect(id, 0);
        Registration gone = connect(id, 1);
        TunnelLedger.LastError error =
                new TunnelLedger.LastError(Instant.parse("2026-11-27T10:05:00Z"), "the origin\u001b[2J is gone");
        ledger.heartbeat(Map.of(live.id(), new TunnelLedger.Traffic(12, 345, 6789, Duration.ofMillis(7), error)));
        ledger.closed(gone.id(), "it fell silent", new TunnelLedger.Traffic(2, 3, 4, null, null));

        environment.put("TZ", "Europe/Berlin");
        String shown = must("tunnel", "info", name).out();
        assertThat(shown)
                .contains("STATUS:   degraded")
                .containsPattern(
                        "0 +[0-9a-f-]{36} +quic +2026-11-27 11:00:00 \\+01:00 +7.0 ms +12 +345 +6789 +the origin\\?"
                                + "\\[2J is gone \\(2026-11-27 11:05:00 \\+01:00\\)")
                .containsPattern("1 +[0-9a-f-]{36} +quic +2026-11-27 11:00:00 \\+01:00 +2 +it fell silent")
                .doesNotContain("\u001b");
        JsonNode json = JSON.readTree(must("tunnel", "info", "-o", "json", name).out());
        assertThat(json.path("status").asString()).isEqualTo("degraded");
        assertThat(json.path("conns")
                        .path(0)
                        .path("conns")
                        .path(0)
                        .path("requests")
                        .asInt())
                .isEqualTo(12);
        assertThat(json.path("disconnects").path(0).path("reason").asString()).isEqualTo("it fell silent");
        ledger.closed(live.id(), "unregistered", new TunnelLedger.Traffic(12, 345, 6789, null, null));
        assertThat(must("tunnel", "info", "--disconnects", "1", name).out())
                .contains("does not have any active connection", "unregistered")
                .doesNotContain("it fell silent");
        assertThat(must("tunnel", "list", "-n", name).out()).containsPattern("STATUS\n.* down");
    }

    @Test
    void deleteRefusesAConnectedTunnelUnlessForcedAndTakesTheCredentialsAlong() {
        String name = name();
        String id = create(name);
        connect(id, 0);
        CliRun refused = run("tunnel", "delete", name);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("active connections", "--force");
        Path file = home.resolve(".cloudflared").resolve(id + ".json");
        assertThat(file).exists();
        assertThat(must("tunnel", "delete", "-f", name).out()).contains("Deleted tunnel " + name);
        assertThat(file).doesNotExist();
        assertThat(run("tunnel", "delete", id).err()).contains("already been deleted");
    }

    @Test
    void aMistypedNameDeletesNothing() {
        String name = name();
        create(name);
        assertThat(run("tunnel", "delete", name, "no-such-tunnel").err()).contains("there is no tunnel named");
        assertThat(must("tunnel", "list", "-n", name).out()).contains(name);
    }

    @Test
    void cleanupEndsConnections() {
        String name = name();
        String id = create(name);
        Registration connection = connect(id, 0);
        must("tunnel", "cleanup", "-c", UUID.randomUUID().toString(), name);
        assertThat(must("tunnel", "info", name).out()).contains("1xsallyport");
        must("tunnel", "cleanup", "-c", connection.client().toString(), name);
        assertThat(must("tunnel", "info", name).out()).contains("does not have any active connection");
    }

    @Test
    void tokenPrintsTheTokenOrWritesTheCredentials() throws IOException {
        String name = name();
        String id = create(name);
        String token = must("tunnel", "token", name).out().strip();
        JsonNode json = JSON.readTree(Base64.getDecoder().decode(token));
        assertThat(json.path("t").asString()).isEqualTo(id);
        Path file = home.resolve("there.json");
        must("tunnel", "token", "--cred-file", file.toString(), id);
        assertThat(Files.readString(file))
                .isEqualTo(Files.readString(home.resolve(".cloudflared").resolve(id + ".json")));
        assertThat(run("tunnel", "token", "--cred-file", file.toString(), id).status())
                .isEqualTo(1);
    }

    @Test
    void aHostThatAnotherTunnelServesIsRefusedWithThatTunnelsName() {
        String first = name();
        String host = first + ".example.com";
        String id = server.admin()
                .post("/cfd_tunnel", "{\"name\":\"" + first + "\",\"config_src\":\"cloudflare\"}")
                .get("id")
                .asString();
        server.admin().put("/cfd_tunnel/" + id + "/configurations", """
                {"config":{"ingress":[{"hostname":"%s","service":"http://localhost:3000"},{"service":"http_status:404"}]}}""".formatted(host));
        String second = name();
        create(second);
        assertThat(run("tunnel", "route", "dns", second, host).err())
                .contains(host + " is served by tunnel " + first + " (" + id + "); take the hostname away there first");
    }

    @Test
    void anIdThatIsNoTunnelsIsSaidToBeSo() {
        String id = UUID.randomUUID().toString();
        assertThat(run("tunnel", "info", id).err())
                .contains("there is no tunnel with the id " + id, "sallyport tunnel list");
    }

    @Test
    void aCertificateWhoseTokenHasEndedIsNamedWithTheWayToAnother() throws IOException {
        Path cert = home.resolve(".cloudflared/cert.pem");
        String json =
                "{\"zoneID\":\"z\",\"accountID\":\"a\",\"apiToken\":\"ended-%s\",\"apiURL\":\"http://127.0.0.1:%d/client/v4\"}"
                        .formatted(UUID.randomUUID(), server.port());
        Files.writeString(cert, pem("ARGO TUNNEL TOKEN", json));
        CliRun run = run("tunnel", "list");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("does not know the token in " + cert, "expired", "sallyport tunnel login")
                .doesNotContain("ended-");
    }

    @Test
    void routeDnsBindsAHostname() {
        String first = name();
        String second = name();
        create(first);
        create(second);
        String host = first + ".example.com";
        assertThat(must("tunnel", "route", "dns", first, host).out()).startsWith("Added CNAME " + host);
        assertThat(must("tunnel", "route", "dns", first, host).out()).contains("already configured");
        assertThat(run("tunnel", "route", "dns", second, host).err())
                .contains("409", host, "leads elsewhere, to ", "-f on the command line");
        assertThat(must("tunnel", "route", "dns", "-f", second, host).out()).contains("updated to route");
        assertThat(run("tunnel", "route", "dns", first).status()).isEqualTo(Commands.USAGE_ERROR);
    }

    @Test
    void withoutACertificateTheTokenOfOtherCommandsCounts() throws IOException {
        Files.delete(home.resolve(".cloudflared/cert.pem"));
        environment.put("SALLYPORT_API_TOKEN", TestServer.ADMIN_TOKEN);
        String url = "http://127.0.0.1:" + server.port() + "/client/v4";
        String name = name();
        assertThat(must("tunnel", "--api-url", url, "create", name).out()).contains("Created tunnel");
        assertThat(must("tunnel", "route", "dns", "--api-url", url, name, name + ".example.com")
                        .out())
                .contains("Added CNAME");
    }

    @Test
    @DisplayName("TU-10: a certificate that cannot be read is refused in words that repeat nothing of it")
    void tu10ABadCertificateIsRefusedWithoutRepeatingIt() throws IOException {
        Path cert = home.resolve("other.pem");
        String token = "{\"zoneID\":\"z\",\"accountID\":\"a\",\"apiToken\":\"s3cret\"}";
        Map<String, String> cases = Map.of(
                pem("ARGO TUNNEL TOKEN", "{\"apiToken\":\"s3cret\","),
                "cannot be read",
                pem("ARGO TUNNEL TOKEN", "{\"apiToken\":\"s3cret\"}"),
                "missing token",
                pem("ARGO TUNNEL TOKEN", "{\"apiToken\":\"s3cret\",\"zoneID\":\"z\"}"),
                "needs to be refreshed",
                pem("ARGO TUNNEL TOKEN", token) + pem("ARGO TUNNEL TOKEN", token),
                "multiple tokens",
                pem("SECRET", token),
                "unknown block SECRET",
                "",
                "missing token");
        for (Map.Entry<String, String> each : cases.entrySet()) {
            Files.writeString(cert, each.getKey());
            CliRun run = run("tunnel", "--origincert", cert.toString(), "list");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).contains(each.getValue()).doesNotContain("s3cret");
        }
        assertThat(run("tunnel", "--origincert", home.resolve("none.pem").toString(), "list")
                        .err())
                .contains("cannot read the origin cert");
    }

    @Test
    void authorityPrintsWhatConnectorsOnOtherMachinesTrust() throws CertificateException {
        String pem = must("tunnel", "authority").out();
        X509Certificate authority = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));

        assertThat(authority.getSubjectX500Principal().getName()).isEqualTo("CN=Sallyport Tunnel CA");
        assertThat(authority.getBasicConstraints()).as("an authority's").isNotNegative();
        JsonNode shown = server.admin().get("/sallyport/tunnel_authority");
        assertThat(shown.path("certificate").asString()).isEqualTo(pem);
        assertThat(Instant.parse(shown.path("expires_on").asString()))
                .isEqualTo(authority.getNotAfter().toInstant());
    }
}
