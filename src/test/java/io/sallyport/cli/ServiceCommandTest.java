package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.tunnel.wire.EdgeGuide;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code service install} and {@code uninstall} on a machine whose systemd notes what it is asked. */
class ServiceCommandTest {
    private static final TunnelCredentials CREDENTIALS = new TunnelCredentials(
                    "acct-1", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"), new TunnelSecret(new byte[32]))
            .with(new EdgeGuide("gate.example.com:7844", "-----BEGIN CERTIFICATE-----\n"));
    private static final String TOKEN = CREDENTIALS.token();

    @TempDir
    private Path root;

    @TempDir
    private Path home;

    private final List<List<String>> asked = new ArrayList<>();
    private final Map<String, String> environment =
            new HashMap<>(Map.of("TUNNEL_TOKEN", TOKEN, "SALLYPORT_LAUNCHER", "/opt/sallyport/bin/sallyport"));
    private int answer;

    @BeforeEach
    void boot() throws IOException {
        Files.createDirectories(root.resolve("run/systemd/system"));
    }

    private CliRun run(String... args) {
        SystemdHost host = new SystemdHost(root, arguments -> {
            asked.add(arguments);
            return answer;
        });
        return CliRun.of(
                environment,
                home,
                terminal -> ServiceCommand.commandLine(terminal, host)
                        .setExecutionExceptionHandler((failure, command, parsed) -> {
                            terminal.err().println(failure.getMessage());
                            return 1;
                        })
                        .execute(args));
    }

    private String unit() throws IOException {
        return Files.readString(root.resolve("etc/systemd/system/sallyport-connector.service"));
    }

    private Path token() {
        return root.resolve("etc/sallyport/connector-token");
    }

    @Test
    @DisplayName("TU-10: the service's arguments and environment hold no secret, its token is for root's eyes")
    void tu10TheServiceHoldsNoSecretInItsArguments() throws IOException {
        CliRun installed = run("install", "--url", "http://localhost:3000", "--grace-period=20s");

        assertThat(installed.status()).as(installed.err()).isZero();
        assertThat(unit())
                .contains(
                        "\nExecStart=/opt/sallyport/bin/sallyport tunnel run --token-file ${CREDENTIALS_DIRECTORY}/token"
                                + " --grace-period=20s --url=http://localhost:3000\n")
                .contains("\nLoadCredential=token:" + token() + "\n")
                .contains("\nDynamicUser=yes\n", "\nTimeoutStopSec=25s\n")
                .doesNotContain(TOKEN);
        assertThat(installed.out() + installed.err() + asked).doesNotContain(TOKEN);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token())))
                .isEqualTo("rw-------");
        assertThat(TunnelCredentials.ofToken(Files.readString(token()))).isEqualTo(CREDENTIALS);
        assertThat(asked)
                .containsExactly(List.of("daemon-reload"), List.of("enable", "--now", "sallyport-connector.service"));
    }

    @Test
    void aTokenThatSaysNothingOfTheEdgeIsGivenWhatTheFlagsSay() throws IOException {
        Path authority = Files.writeString(home.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nother");
        String bare = CREDENTIALS.with(EdgeGuide.NONE).token();
        environment.remove("TUNNEL_TOKEN");

        CliRun installed = run("install", bare, "--edge", "edge.example.com:1", "--cacert", authority.toString());

        assertThat(installed.status()).as(installed.err()).isZero();
        assertThat(unit()).contains(" --edge=edge.example.com:1").doesNotContain("cacert", bare);
        assertThat(TunnelCredentials.ofToken(Files.readString(token())).edge().authority())
                .isEqualTo("-----BEGIN CERTIFICATE-----\nother");
    }

    @Test
    void whatSystemdWouldReplaceIsWrittenSoThatItDoesNot() {
        String unit = ServiceUnit.text(
                List.of("/opt/a b$c/java", "-Dx=$y"),
                Map.of("JAVA_HOME", "/opt/$j%k"),
                Path.of("/etc/sallyport/connector-token"),
                List.of("--tag=x=$HOME \"q\" \\\nExecStartPre=/bin/false"),
                35);
        assertThat(unit)
                .contains("ExecStart=\"/opt/a b$c/java\" -Dx=$$y tunnel run")
                .contains("\"--tag=x=$$HOME \\\"q\\\" \\\\\\nExecStartPre=/bin/false\"\n")
                .contains("Environment=JAVA_HOME=/opt/$j%%k\n");
    }

    /** Where systemd is not, what it understands of a unit is what stands in its manual: every line is a section or a setting. */
    @Test
    void systemdUnderstandsEveryLineOfTheUnit() throws Exception {
        String unit = ServiceUnit.text(
                List.of("/bin/sh"),
                Map.of("JAVA_HOME", "/opt/$j k"),
                Path.of("/etc/sallyport/connector-token"),
                List.of("--tag=x=$HOME \"q\" \\\nno"),
                35);
        assertThat(unit.lines()).allMatch(line -> line.matches("|\\[[A-Z][a-z]+]|[A-Z][A-Za-z]+=.*"));
        Path written = Files.writeString(root.resolve("sallyport-connector.service"), unit);
        if (Files.isExecutable(Path.of("/usr/bin/systemd-analyze"))) {
            Process verify = new ProcessBuilder("/usr/bin/systemd-analyze", "verify", written.toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("sallyport");
            assertThat(verify.waitFor()).isZero();
        }
    }

    @Test
    void whatCannotRunIsNotInstalled() {
        assertThat(run("install", "--protocol", "h3").err()).contains("protocol: 'h3'");
        assertThat(run("install", "--url", "localhost:80").err()).contains("is an invalid address");
        assertThat(run("install", "--logfile", "/var/log/connector.log").err())
                .contains("logfile: the service may not write files");
        environment.put("SALLYPORT_LAUNCHER", "/home/ada/sallyport");
        assertThat(run("install").err()).contains("the service cannot read /home/ada/sallyport");
        environment.put("TUNNEL_TOKEN", "s3cr3t-nonsense");
        environment.put("SALLYPORT_LAUNCHER", "/opt/sallyport");
        assertThat(run("install").err()).contains("not valid").doesNotContain("s3cr3t");
        assertThat(root.resolve("etc")).doesNotExist();
        assertThat(asked).isEmpty();
    }

    @Test
    void aServiceIsNotWrittenOverAndUninstallTakesItAwayWithItsToken() {
        assertThat(run("uninstall").err()).contains("there is no service");
        assertThat(run("install").status()).isZero();
        assertThat(run("install").err()).contains("already", "service uninstall");

        asked.clear();
        answer = 1;
        assertThat(run("uninstall").err()).contains("does not stop, so it was not removed");
        assertThat(token()).exists();
        answer = 0;
        assertThat(run("uninstall").status()).isZero();

        assertThat(asked.getLast()).containsExactly("daemon-reload");
        assertThat(asked).contains(List.of("disable", "--now", "sallyport-connector.service"));
        assertThat(token()).doesNotExist();
        assertThat(run("install").status()).as("and it can come back").isZero();
    }

    @Test
    void aServiceThatDoesNotStartSaysWhereToLook() {
        answer = 1;
        assertThat(run("install").status()).isEqualTo(1);
    }

    @Test
    void withoutSystemdItSaysWhatToDoInstead() throws IOException {
        Files.delete(root.resolve("run/systemd/system"));
        assertThat(run("install").err()).contains("systemd does not run on this machine", "tunnel run --token-file");
    }
}
