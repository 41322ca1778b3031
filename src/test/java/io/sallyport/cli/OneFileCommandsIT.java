package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands of the one file and of decisions, against a real gateway. */
class OneFileCommandsIT {
    private static final String FILE = """
            sallyport: 1
            identity_providers:
              - {name: Mail, type: onetimepin}
              - {name: Hub, type: github, config: {client_id: "007", client_secret: {env: HUB_SECRET}}}
            service_tokens:
              - {name: "on"}
            policies:
              - {name: Everybody, decision: allow, include: [{everyone: {}}]}
              - {name: Robots, decision: non_identity, include: [{service_token: {name: "on"}}]}
            applications:
              - name: "yes: a name, with #signs"
                type: self_hosted
                domain: cli.localhost
                session_duration: 1h
                policies: [Everybody, Robots]
            """;

    private static TestServer server;

    @TempDir
    private Path dir;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private CliRun run(String... args) {
        return run(Map.of(), args);
    }

    private CliRun run(Map<String, String> more, String... args) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("SALLYPORT_API_URL", "http://127.0.0.1:" + server.port() + "/client/v4");
        environment.put("SALLYPORT_API_TOKEN", TestServer.ADMIN_TOKEN);
        return CliRun.of(environment, dir, args);
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text).toString();
    }

    @Test
    void aFileIsPlannedAppliedExportedAndThenChangesNothing() throws IOException {
        String file = file("world.yaml", FILE);
        Map<String, String> secret = Map.of("HUB_SECRET", "the-hub-secret");

        CliRun missing = run("apply", "-f", file, "--yes");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("HUB_SECRET");

        CliRun unanswered = run(secret, "apply", "-f", file);
        assertThat(unanswered.status()).isEqualTo(1);
        assertThat(unanswered.out())
                .contains("+ application \"yes: a name, with #signs\"")
                .contains("! yes: a name, with #signs, policy \"Everybody\": it allows everyone");
        assertThat(unanswered.err()).contains("nothing was changed");

        CliRun applied = run(secret, "apply", "-f", file, "--yes");
        assertThat(applied.err()).isEmpty();
        assertThat(applied.out()).contains("Applied.").contains("CF-Access-Client-Secret: ");

        CliRun exported = run("export");
        assertThat(exported.out())
                .startsWith("# yaml-language-server: $schema=")
                .contains("env: SALLYPORT_HUB_CLIENT_SECRET")
                .doesNotContain("the-hub-secret");
        String again = file("exported.yaml", exported.out());
        CliRun same = run("diff", "-f", again);
        assertThat(same.out()).isEqualToIgnoringNewLines("Nothing to change.");
        assertThat(same.status()).isZero();
        assertThat(run("export").out()).isEqualTo(exported.out());

        String changed = file("changed.yaml", exported.out().replace("session_duration: 1h", "session_duration: 2h"));
        CliRun diff = run("diff", "-f", changed);
        assertThat(diff.status()).isEqualTo(2);
        assertThat(diff.out()).contains("    /session_duration: \"1h\" -> \"2h\"");
        CliRun lint = run("policy", "lint");
        assertThat(lint.status()).isEqualTo(2);
        assertThat(lint.out()).contains("pin_without_address_rule").contains("do: require an e-mail address");
        whoMustSignInIsFoundAndExplained();
    }

    /** A nightly comparison needs no token that may write, and none that tells whether a secret in the file is the stored one. */
    @Test
    void aTokenThatOnlyReadsComparesAllButSecretsAndIsToldSo() throws IOException {
        server.admin().post("/access/identity_providers", """
                {"name":"Compared","type":"github","config":{"client_id":"008","client_secret":"stored"}}""");
        String file = file("compared.yaml", run("export").out());
        String token = server.admin()
                .post("/sallyport/tokens", "{\"name\":\"nightly\",\"role\":\"auditor\"}")
                .get("token")
                .asString();

        CliRun same = compare(token, file, "stored");
        CliRun other = compare(token, file, "guessed");

        assertThat(other.out()).isEqualTo(same.out());
        assertThat(other.status()).isEqualTo(same.status()).isZero();
        assertThat(same.out())
                .contains("Nothing to change, as far as this token may see.")
                .contains("? identity provider \"Compared\" /config/client_secret: ");
        assertThat(compare(TestServer.ADMIN_TOKEN, file, "stored").out())
                .isEqualToIgnoringNewLines("Nothing to change.");
        assertThat(compare(TestServer.ADMIN_TOKEN, file, "guessed").out())
                .contains("/config/client_secret: \"[secret]\" -> \"[another secret]\"");
    }

    private CliRun compare(String token, String file, String secret) {
        return CliRun.of(
                Map.of(
                        "SALLYPORT_API_URL",
                        "http://127.0.0.1:" + server.port() + "/client/v4",
                        "SALLYPORT_API_TOKEN",
                        token,
                        "SALLYPORT_COMPARED_CLIENT_SECRET",
                        secret),
                dir,
                "diff",
                "-f",
                file);
    }

    private void whoMustSignInIsFoundAndExplained() {
        await("the application")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        new Visitor().get(server.url("cli.localhost", "/x")).status() == 302);
        await("the decision")
                .atMost(Duration.ofSeconds(30))
                .until(() -> run("decisions", "list", "--app", "cli.localhost", "--since", "1h")
                        .out()
                        .contains("login_required"));
        JsonNode list = JsonMapper.shared()
                .readTree(run("decisions", "list", "--output", "json").out());
        CliRun shown = run("decisions", "show", list.at("/0/id").asString());

        assertThat(shown.out())
                .contains("LOGIN REQUIRED: login required \"Everybody\"")
                .contains("who      nobody signed in")
                .contains("1. non_identity \"Robots\": does not match")
                .contains("2. allow \"Everybody\": asks for a login")
                .containsPattern("yes everyone");
        assertThat(run("decisions", "show", "0000000000000000").err()).contains("404");
        assertThat(run("decisions", "list", "--since", "soon").err()).contains("is not a time");
    }

    @Test
    void aChangedFileSaysBeforeItIsAppliedWhoWouldNoLongerGetIn() throws IOException {
        String world = """
                sallyport: 1
                policies:
                  - {name: Crew, decision: allow, include: [{email_domain: {domain: replayed.example}}]}
                applications:
                  - {name: Logbook, type: self_hosted, domain: logbook.localhost, policies: [Crew]}
                """;
        assertThat(run("apply", "-f", file("crew.yaml", world), "--yes").status())
                .isZero();
        server.admin().post("/access/users", "{\"email\":\"ada@replayed.example\"}");
        await("the application to be in force")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        new Visitor().get(server.url("logbook.localhost", "/")).status() == 302);

        CliRun same = run("policy", "replay", "-f", file("same.yaml", world));
        assertThat(same.err()).isEmpty();
        assertThat(same.out()).contains("Nobody gains or loses access.").contains("of the last 30 days");
        assertThat(same.status()).isZero();

        String narrowed = file("narrowed.yaml", world.replace("replayed.example", "elsewhere.example"));
        CliRun loses = run("policy", "replay", "-f", narrowed, "--days", "7");
        assertThat(loses.out())
                .contains("Would lose access: 1")
                .containsPattern("ada@replayed\\.example +Logbook +allowed, \"Crew\" +denied, no policy matched")
                .contains("of the last 7 days");
        assertThat(loses.status()).isEqualTo(2);
        assertThat(run("diff", "-f", file("still.yaml", world)).status())
                .as("nothing was changed")
                .isZero();

        JsonNode json = JsonMapper.shared()
                .readTree(run("policy", "replay", "-f", narrowed, "-o", "json").out());
        assertThat(json.at("/lose/examples/0/who").asString()).isEqualTo("ada@replayed.example");

        CliRun single = run("policy", "replay", "-f", file("single.yaml", """
                delete: {applications: ["%s"]}""".formatted(applicationNamed("Logbook"))));
        assertThat(single.out()).containsPattern("Logbook +allowed, \"Crew\" +denied, no application");
        assertThat(run("policy", "replay", "-f", narrowed, "--days", "0").err()).contains("days");
        assertThat(run("policy", "replay").status()).isEqualTo(255);
    }

    private static String applicationNamed(String name) {
        return server.admin()
                .get("/access/apps?exact=true&name=" + name)
                .get(0)
                .path("id")
                .asString();
    }

    @Test
    void aSecretInClearIsRefusedBeforeItTravels() throws IOException {
        String file = file("clear.yaml", FILE.replace("{env: HUB_SECRET}", "in-clear"));

        CliRun refused = run("diff", "-f", file);

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("client_secret of \"Hub\" in clear").doesNotContain("in-clear\"");
    }

    @Test
    void theTrailIsExportedAndVerifiedAndAChangedLineIsNamed() throws IOException {
        String one = file("trailed.yaml", "{sallyport: 1, tags: [trailed]}");
        assertThat(run("apply", "-f", one, "--yes").status()).isZero();
        Path export = dir.resolve("audit.jsonl");
        String key = run("audit", "key").out().strip();
        assertThat(key).matches("[0-9a-f]{64}");
        assertThat(run("audit", "export", "-o", export.toString()).status()).isZero();

        CliRun intact = run("audit", "verify", export.toString(), "--key", key);
        assertThat(intact.status()).as(intact.err()).isZero();
        assertThat(intact.out()).startsWith("intact: records 1 to ").contains(key);

        Files.writeString(export, Files.readString(export).replaceFirst("trailed", "derailed"));
        CliRun changed = run("audit", "verify", export.toString(), "--key", key);
        assertThat(changed.status()).isEqualTo(1);
        assertThat(changed.out()).contains("line ");
        assertThat(changed.err()).contains("NOT intact");
        assertThat(run("audit", "export", "--since", "soon").err()).contains("is not a time");
    }
}
