package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.TestServer;
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

/** {@code doctor} against a real gateway, and without one. */
class DoctorCommandIT {
    private static TestServer server;
    private static FakeIdp idp;

    @TempDir
    private Path dir;

    @BeforeAll
    static void start() {
        idp = FakeIdp.start();
        server = TestServer.shared();
        for (String secret : new String[] {FakeIdp.SECRET, "wrong"}) {
            server.admin().post("/access/identity_providers", """
                    {"name":"%s","type":"oidc","config":{"client_id":"%s","client_secret":%s,"issuer":"%s"}}""".formatted(
                            secret.equals("wrong") ? "Broken" : "Sound",
                            FakeIdp.CLIENT,
                            JsonMapper.shared().writeValueAsString(secret),
                            idp.issuer()));
        }
    }

    @AfterAll
    static void stop() {
        idp.close();
    }

    private CliRun run(Map<String, String> more, String... args) {
        Map<String, String> environment = new HashMap<>();
        environment.put("SALLYPORT_API_URL", "http://127.0.0.1:" + server.port() + "/client/v4");
        environment.put("SALLYPORT_API_TOKEN", TestServer.ADMIN_TOKEN);
        environment.putAll(more);
        return CliRun.of(environment, dir, args);
    }

    @Test
    void everythingIsLookedAtAndEachGetsOneSentence() {
        CliRun run = run(Map.of(), "doctor");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("The gateway answers at")
                .contains("PostgreSQL answers in")
                .contains("Forwarding headers of clients are not believed.")
                .contains("This machine's clock and the gateway's agree.")
                .containsPattern("host names resolve here[.]|No address was found for ")
                .contains("works in browsers on this machine only; set sallyport.auth-domain")
                .contains("No certificate is needed for use on this machine only.");
        assertThat(run.out().lines()).allMatch(line -> line.matches("(ok|warning|failed) .*[.]"));
        assertThat(run.status()).as(run.out()).isEqualTo(run.out().contains("failed ") ? 1 : 0);
    }

    @Test
    void programsReadTheSame() {
        JsonNode document =
                JsonMapper.shared().readTree(run(Map.of(), "doctor", "--json").out());

        assertThat(document.path("findings")).hasSizeGreaterThan(7);
        assertThat(document.path("healthy").isBoolean()).isTrue();
    }

    @Test
    void aGatewayThatDoesNotAnswerIsSaidSoAndTheRestIsLookedAt() {
        try (ClosedPort port = ClosedPort.take()) {
            assertThatTheRestIsLookedAt(port.number());
        }
    }

    private void assertThatTheRestIsLookedAt(int closed) {
        CliRun run = run(
                Map.of(
                        "SALLYPORT_API_URL",
                        "http://127.0.0.1:" + closed + "/client/v4",
                        "SALLYPORT_AUTH_DOMAIN",
                        "no-such-name.invalid",
                        "SPRING_DATASOURCE_URL",
                        "jdbc:postgresql://127.0.0.1:" + closed + "/sallyport",
                        "SALLYPORT_DATA_DIR",
                        dir.toString()),
                "doctor");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("nothing answers at")
                .contains("No address was found for no-such-name.invalid")
                .contains("PostgreSQL does not answer; correct SPRING_DATASOURCE_URL")
                .contains("set SALLYPORT_API_TOKEN to talk to the gateway");
    }

    @Test
    void aProviderIsExaminedByNameAndItsSetupIsShown() {
        await("the providers to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> run(Map.of(), "doctor", "idp", "Broken").err().isEmpty());

        CliRun sound = run(Map.of(), "doctor", "idp", "sound");
        CliRun broken = run(Map.of(), "doctor", "idp", "Broken");

        assertThat(sound.status()).as(sound.out()).isZero();
        assertThat(sound.out())
                .contains("redirect URL: " + server.url("auth.localhost", "/cdn-cgi/access/callback"))
                .contains("scopes: openid email profile")
                .contains("accepts the client secret");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.out()).contains("failed").contains("does not accept the client secret");
        assertThat(JsonMapper.shared()
                        .readTree(run(Map.of(), "doctor", "idp", "Broken", "--json")
                                .out())
                        .path("healthy")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void theSetupOfATypeIsShownBeforeTheProviderExists() {
        CliRun run = run(Map.of(), "doctor", "idp", "--setup", "google-apps");

        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("Cloud Identity API")
                .contains("redirect URL: " + server.url("auth.localhost", "/cdn-cgi/access/callback"))
                .contains("cloud-identity.groups.readonly");
        assertThat(run(Map.of(), "doctor", "idp", "--setup", "myspace").err()).contains("there are azureAD");
        assertThat(run(Map.of(), "doctor", "idp", "Nobody").err()).contains("there is no identity provider Nobody");
        assertThat(run(Map.of(), "doctor", "idp").status()).isEqualTo(255);
    }
}
