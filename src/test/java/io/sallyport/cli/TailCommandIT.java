package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.testkit.OwnConnector;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementResource;
import io.sallyport.tunnel.TunnelServer;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** {@code tunnel tail} and {@code management token} against a whole gateway with our own connector. */
class TailCommandIT {
    private static final String HOST = "tail.localhost";

    private static TestServer server;
    private static Connector connector;
    private static String tunnel;
    private static Map<String, String> environment;

    @TempDir
    private static Path home;

    @BeforeAll
    static void start() {
        server = TestServer.shared();
        environment = Map.of(
                "SALLYPORT_API_URL",
                "http://127.0.0.1:" + server.port() + "/client/v4",
                "SALLYPORT_API_TOKEN",
                TestServer.ADMIN_TOKEN);
        CliRun created = run("tunnel", "create", "-o", "json", "tailed");
        assertThat(created.status()).as(created.err()).isZero();
        tunnel = JsonMapper.shared().readTree(created.out()).path("id").asString();
        connector = OwnConnector.start(
                TunnelCredentials.ofToken(run("tunnel", "token", "tailed").out()),
                server.context().getBean(TunnelServer.class).port(),
                server.dataDir().resolve("tunnel-ca.pem"),
                Protocol.HTTP2,
                1,
                "ingress: [{service: 'http_status:204'}]");
    }

    @AfterAll
    static void stop() {
        connector.stop(Duration.ZERO).join();
    }

    private static CliRun run(String... args) {
        return CliRun.of(environment, home, args);
    }

    /** What a reader who stays has read so far. */
    private record Reading(Thread thread, ByteArrayOutputStream out) {
        static Reading begin(String... args) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Terminal terminal = new Terminal(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    System.err,
                    new ByteArrayInputStream(new byte[0]),
                    environment,
                    home,
                    InstantSource.system());
            return new Reading(Thread.ofVirtual().start(() -> Commands.run(List.of(args), terminal)), out);
        }

        String text() {
            return out.toString(StandardCharsets.UTF_8);
        }

        void end() throws InterruptedException {
            thread.interrupt();
            thread.join();
        }
    }

    /** Asks the connector for something until somebody reads of it. */
    private static void untilRead(Reading reading, String words) {
        String token = JsonMapper.shared()
                .readTree(run("management", "token", "--resource", "admin", "tailed")
                        .out())
                .path("token")
                .asString();
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            RawHttp.exchange(
                    server.port(),
                    "GET /ping?access_token=" + token
                            + " HTTP/1.1\r\nHost: management.argotunnel.com\r\nConnection: close\r\n\r\n");
            connector.reload(connector.configuration());
            return reading.text().contains(words);
        });
    }

    @Test
    void aReaderSeesWhatTheConnectorLogsAsLinesForPeople() throws InterruptedException {
        Reading reading = Reading.begin("tunnel", "tail", "tailed");
        untilRead(reading, " info cloudflared Updated to new configuration {\"version\":\"-1\"}");
        reading.end();
    }

    @Test
    void orAsJsonByCloudflaredsOwnVerbFromOneConnector() throws InterruptedException {
        Reading reading = Reading.begin(
                "tail",
                "-o",
                "json",
                "--level",
                "info",
                "--event",
                "cloudflared,http",
                "--sample",
                "1.0",
                "--connector-id",
                connector.id().toString(),
                tunnel);
        untilRead(reading, "\"message\":\"Updated to new configuration\"");
        reading.end();
        assertThat(JsonMapper.shared()
                        .readTree(reading.text().lines().findFirst().orElseThrow())
                        .path("event")
                        .asString())
                .isEqualTo("cloudflared");
    }

    @Test
    void aTokenIsPrintedForOneResource() {
        CliRun printed = run("management", "token", "--resource", "host_details", tunnel);
        assertThat(printed.status()).as(printed.err()).isZero();
        String token = JsonMapper.shared().readTree(printed.out()).path("token").asString();
        assertThat(ManagementClaims.claimed(token).orElseThrow().resources())
                .containsExactly(ManagementResource.HOST_DETAILS);
        CliRun wrong = run("tail", "--token", token);
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("refused with 403", "not for this resource (code 1003)");
    }

    @Test
    void aConnectorThatIsNotThereIsSaidToBeSo() {
        CliRun none = run("tunnel", "tail", "--connector-id", UUID.randomUUID().toString(), "tailed");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("530", "no connector of this tunnel");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--level loud tailed",
                "--event https tailed",
                "--sample 0 tailed",
                "--sample x tailed",
                "--output xml tailed",
                "--connector-id 1 tailed",
                "--token abc",
                ""
            })
    void whatCannotBeMeantIsNamed(String args) {
        CliRun misused = run(("tail " + args).strip().split(" "));
        assertThat(misused.status()).as(misused.err()).isEqualTo(255);
        assertThat(misused.err()).startsWith("sallyport: ").hasLineCount(1);
    }

    @Test
    void anUnknownResourceIsNamed() {
        CliRun misused = run("management", "token", "--resource", "everything", tunnel);
        assertThat(misused.status()).isEqualTo(255);
        assertThat(misused.err()).contains("logs, admin, host_details");
    }
}
