package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What ends the start says so in one line and a non-zero status. */
class StartFailureIT {
    @TempDir
    private Path data;

    private final TestPostgres postgres = TestPostgres.migrated();

    @AfterEach
    void dropTheDatabase() {
        postgres.close();
    }

    /**
     * @param said on standard error
     * @param log on standard output
     */
    private record Ended(int status, String said, String log) {
        /** Without the heartbeats of gateways that started before in this JVM: a failed start does not end these threads. */
        String ownLog() {
            return log.lines().filter(line -> !line.contains("tunnel-ledger")).collect(Collectors.joining("\n"));
        }

        List<String> lines() {
            return said.lines().filter(line -> line.startsWith("sallyport: ")).toList();
        }
    }

    @Test
    void aPortInUseEndsTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            isOneLine(
                    start("--sallyport.http.port=" + taken.getLocalPort()),
                    "port " + taken.getLocalPort() + " is in use",
                    "--sallyport.http.port");
        }
    }

    @Test
    void everyOtherPortInUseIsNamedByItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DatagramSocket heard = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            String port = String.valueOf(taken.getLocalPort());
            assertThat(start("--sallyport.http.port=0", "--sallyport.management.port=" + port))
                    .satisfies(ended -> isOneLine(ended, "port " + port + " is in use", "--sallyport.management.port"));
            assertThat(start(
                            "--sallyport.http.port=0",
                            "--sallyport.tls.self-signed=true",
                            "--sallyport.https.port=" + port))
                    .satisfies(ended -> isOneLine(ended, "port " + port + " is in use", "--sallyport.https.port"));
            assertThat(start("--sallyport.http.port=0", "--sallyport.tunnel.port=" + port))
                    .satisfies(
                            ended -> isOneLine(ended, "port " + port + " (TCP) is in use", "--sallyport.tunnel.port"));
            assertThat(start("--sallyport.http.port=0", "--sallyport.tunnel.port=" + heard.getLocalPort()))
                    .satisfies(ended -> isOneLine(ended, "(UDP) is in use", "--sallyport.tunnel.port"));
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamedWithTheReason() throws Exception {
        Path file = Files.writeString(data.resolve("file"), "");
        assertThat(start(Map.of(), "--sallyport.http.port=0", "--sallyport.data-dir=" + file.resolve("data")))
                .satisfies(ended -> isOneLine(ended, file.toString(), "Not a directory"));
    }

    @Test
    void aConfigurationFileThatIsNoYamlIsSaidToBeTheReasonAndNotShown() throws Exception {
        Path file =
                Files.writeString(data.resolve("broken.yaml"), "sallyport:\n  admin-token: [correct-horse\n  x: y\n");
        assertThat(start("--sallyport.http.port=0", "--spring.config.additional-location=file:" + file))
                .satisfies(ended -> isOneLine(ended, "is not valid YAML at line 3, column"))
                .satisfies(ended -> assertThat(ended.said()).doesNotContain("correct-horse"));
    }

    @Test
    void aCertificateForConnectorsThatIsNotThereIsNamedWithItsSetting() {
        assertThat(start(
                        "--sallyport.http.port=0",
                        "--sallyport.tunnel.certificate=" + data.resolve("gone.crt"),
                        "--sallyport.tunnel.key=" + data.resolve("gone.key")))
                .satisfies(ended -> isOneLine(
                        ended, "sallyport.tunnel.certificate", data.resolve("gone.crt") + ": there is no such file"));
    }

    @Test
    void aUserThatTheDatabaseDoesNotKnowIsSaidToBeTheReason() {
        assertThat(start(
                        "--sallyport.http.port=0",
                        "--spring.datasource.username=stranger",
                        "--spring.datasource.password=correct-horse"))
                .satisfies(ended ->
                        isOneLine(ended, "does not take the user or the password", "spring.datasource.username"))
                .satisfies(ended -> assertThat(ended.said()).doesNotContain("correct-horse"));
    }

    @Test
    void anAddressThatThisMachineDoesNotHaveIsNamed() {
        assertThat(start("--sallyport.http.port=0", "--server.address=192.0.2.1"))
                .satisfies(ended -> isOneLine(ended, "192.0.2.1", "server.address"));
    }

    private static void isOneLine(Ended ended, String... parts) {
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.lines()).singleElement().asString().contains(parts);
        assertThat(ended.said()).as("no stack trace").doesNotContain("\tat ");
        assertThat(ended.ownLog())
                .as("our sentence is not buried under what came of the failure")
                .doesNotContain("Exception")
                .doesNotContain("\tat ");
    }

    @Test
    void whoAsksForDebuggingIsToldTheWholeChainOfAFailure() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = start("--sallyport.http.port=" + taken.getLocalPort(), "--logging.level.io.sallyport=debug");
            assertThat(ended.lines()).singleElement().asString().contains("is in use");
            assertThat(ended.log()).contains("PortInUseException");
        }
    }

    @Test
    void aMasterKeyThatDoesNotFitTheStoredSecretsEndsTheStart() {
        TestServer.start(data, postgres.settings()).stop();
        String other = Base64.getEncoder().encodeToString(new byte[32]);
        Ended ended = start("--sallyport.http.port=0", "--sallyport.master-key=" + other);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.lines())
                .singleElement()
                .asString()
                .containsIgnoringCase("master key")
                .doesNotContain(other);
    }

    @Test
    void aDatabaseNewerThanTheBinaryEndsTheStart() {
        try (TestServer server = TestServer.start(data, postgres.settings())) {
            server.context().getBean(JdbcClient.class).sql("""
                            insert into flyway_schema_history
                                (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                            values (999, '999', 'from the future', 'SQL', 'V999__from_the_future.sql', 1, 'test', 1, true)""").update();
            server.stop();
            Ended ended = start("--sallyport.http.port=0");
            isOneLine(ended, "does not fit this version");
        }
    }

    @Test
    void halfATlsSettingEndsTheStart() throws Exception {
        Path certificate = Files.writeString(data.resolve("cert.pem"), "");
        Ended ended = start(Map.of(), "--sallyport.http.port=0", "--sallyport.tls.certificate=" + certificate);
        isOneLine(ended, "sallyport.tls");
        assertThat(data.resolve("postgres/data/PG_VERSION"))
                .as("the embedded PostgreSQL was begun")
                .exists();
        assertThat(data.resolve("postgres/data/postmaster.pid"))
                .as("and stopped again")
                .doesNotExist();
    }

    @Test
    void aCertificateThatIsNotThereIsNamed() {
        Ended ended = start(
                "--sallyport.http.port=0",
                "--sallyport.https.port=0",
                "--sallyport.tls.certificate=" + data.resolve("gone.crt"),
                "--sallyport.tls.key=" + data.resolve("gone.key"));
        isOneLine(ended, "there is no file " + data.resolve("gone.crt"), "sallyport.tls.certificate");
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsNamedWithoutItsPassword() {
        Ended ended = start(
                "--sallyport.http.port=0",
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/sallyport?sslmode=disable",
                "--spring.datasource.password=correct-horse");
        isOneLine(ended, "jdbc:postgresql://127.0.0.1:1/sallyport does not answer", "spring.datasource.url");
        assertThat(ended.said()).doesNotContain("correct-horse");
    }

    @Test
    void aDatabaseThatDoesNotExistIsNamed() {
        String url = postgres.settings().get("spring.datasource.url").replaceAll("/[^/?]*(\\?.*)?$", "/nowhere");
        Ended ended = start("--sallyport.http.port=0", "--spring.datasource.url=" + url);
        isOneLine(ended, "/nowhere does not exist", "createdb");
    }

    @Test
    void aMistypedSettingIsNamed() {
        Ended ended = start("--sallyport.http.port=0", "--sallyport.login.nonsense=1");
        isOneLine(ended, "there is no setting sallyport.login.nonsense");
    }

    @Test
    void aSettingThatIsNoNumberIsNamed() {
        Ended ended = start("--sallyport.http.port=eighty");
        isOneLine(ended, "port", "eighty");
    }

    @Test
    void aSettingBesideOthersOfItsRecordIsNamedByItsWholeKey() {
        Ended ended = start("--sallyport.trusted-proxies=10.0.0.0/33");
        isOneLine(ended, "sallyport.trusted-proxies: \"10.0.0.0/33\" needs a prefix length");
    }

    @Test
    void aSettingThatNobodyReadsEndsTheStart() {
        Ended ended = start("--sallyport.http.port=0", "--sallyport.limits.conections=1");
        isOneLine(ended, "sallyport.limits.conections");
    }

    @Test
    void aDomainForTwoFacesEndsTheStart() {
        Ended ended = start("--sallyport.http.port=0", "--sallyport.console-domain=auth.localhost");
        isOneLine(ended, "sallyport.console-domain");
    }

    @Test
    void anOutboxOfCodesOnAServerThatOthersReachEndsTheStart() {
        Ended ended = start(
                "--sallyport.http.port=0",
                "--server.address=0.0.0.0",
                "--sallyport.mail.outbox=" + data.resolve("outbox"));
        isOneLine(ended, "sallyport.mail.outbox", "spring.mail.host");
    }

    @Test
    void anUnknownCommandIsNamed() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Sallyport.run(List.of("gatewey"), System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(status).isEqualTo(255);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("gatewey", "sallyport --help");
    }

    private Ended start(String... settings) {
        return start(postgres.settings(), settings);
    }

    private Ended start(Map<String, String> database, String... settings) {
        List<String> args = new ArrayList<>(List.of(
                "gateway",
                "--sallyport.data-dir=" + data,
                "--sallyport.management.port=0",
                "--sallyport.tunnel.port=0",
                "--server.address=127.0.0.1",
                "--spring.reactor.netty.shutdown-quiet-period=0s",
                "--sallyport.admin-token=" + TestServer.ADMIN_TOKEN));
        database.forEach((key, value) -> args.add("--" + key + "=" + value));
        args.removeIf(each -> each.contains(".hikari.")); // as patient with a database as the product is
        for (String setting : settings) {
            args.removeIf(each -> each.startsWith(setting.substring(0, setting.indexOf('=') + 1)));
            args.add(setting);
        }
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.err;
        PrintStream outBefore = System.out;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            int status = Sallyport.run(args, System.out, System.err);
            ((LoggerContext) LoggerFactory.getILoggerFactory())
                    .stop(); // which writes what waits; a start begins it again
            return new Ended(status, err.toString(StandardCharsets.UTF_8), out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(before);
            System.setOut(outBefore);
        }
    }
}
