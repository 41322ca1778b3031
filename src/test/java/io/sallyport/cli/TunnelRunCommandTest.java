package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stops a run before it begins, and in which words. */
class TunnelRunCommandTest {
    private static final String TOKEN =
            new TunnelCredentials("acct-1", UUID.randomUUID(), new TunnelSecret(new byte[32])).token();

    @TempDir
    private Path home;

    @Test
    void aTokenThatIsNoneIsRefusedAndNotShown() {
        CliRun run = run(Map.of("TUNNEL_TOKEN", "s3cr3t-nonsense"), "tunnel", "run");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("Provided Tunnel token is not valid.").doesNotContain("s3cr3t");
    }

    @Test
    void aTokenAmongTheArgumentsIsWarnedOfAndNotRepeated() {
        assertThat(run(Map.of(), "tunnel", "run", "--token", "s3cr3t-nonsense").err())
                .contains("WRN The token is in the arguments, which other processes can read")
                .doesNotContain("s3cr3t");
        assertThat(run(Map.of("TUNNEL_TOKEN", "s3cr3t-nonsense"), "tunnel", "run")
                        .err())
                .doesNotContain("WRN", "s3cr3t");
    }

    @Test
    void withoutATunnelItSaysWhatIsMissing() {
        assertThat(run(Map.of(), "tunnel", "run").err()).contains("which tunnel?", "--token-file");
    }

    @Test
    void withoutACertificateItSaysHowToGetOne() {
        assertThat(run(Map.of(), "tunnel", "run", "demo").err()).contains("no cert.pem", "'sallyport tunnel login'");
        assertThat(run(Map.of(), "tunnel", "list").err())
                .contains("no cert.pem", "'sallyport tunnel login'", "SALLYPORT_API_TOKEN");
    }

    @Test
    void missingCredentialsAreNamed() {
        String id = "00112233-4455-6677-8899-aabbccddeeff";
        assertThat(run(Map.of(), "tunnel", "run", id).err()).contains("no credentials for tunnel " + id);
    }

    @Test
    void aCertificateIsNoCredentialsFile() {
        assertThat(run(Map.of("TUNNEL_CRED_FILE", "cert.pem"), "tunnel", "run", "00112233-4455-6677-8899-aabbccddeeff")
                        .err())
                .contains("not the account's .pem");
    }

    @Test
    void aCredentialsFileThatNamesItsTunnelNeedsNoOther() throws IOException {
        String credentials = TunnelCredentials.ofToken(TOKEN).file();
        Path file = Files.writeString(home.resolve("demo.json"), credentials);
        assertThat(run(Map.of(), "tunnel", "run", "--cred-file", file.toString(), "--protocol", "h3")
                        .err())
                .contains("protocol: 'h3'");
        Files.writeString(file, credentials.replaceAll(",\"TunnelID\":\"[^\"]*\"", ""));
        assertThat(run(Map.of(), "tunnel", "run", "--cred-file", file.toString())
                        .err())
                .contains("tunnel credentials file", "name the tunnel too");
    }

    @Test
    void everyBadValueIsNamedWithItsFlag() {
        assertThat(bad("--protocol", "h3").err()).contains("protocol: 'h3'");
        assertThat(bad("--grace-period", "5m").err()).contains("grace-period: '5m'");
        assertThat(bad("--ha-connections", "0").err()).contains("ha-connections: '0'");
        assertThat(bad("--edge", "a b").err()).contains("edge: 'a b' is not HOST:PORT");
        assertThat(bad("--tag", "novalue").err()).contains("tag: 'novalue' is not KEY=VALUE");
        assertThat(bad("--allow", "everything").err()).contains("allow: 'everything'");
        assertThat(bad("--loglevel", "loud").err()).contains("loglevel: 'loud'");
        assertThat(bad("--transport-loglevel", "loud").err()).contains("transport-loglevel: 'loud'");
        assertThat(bad("--edge-bind-address", "eth0").err()).contains("edge-bind-address: 'eth0'");
        assertThat(bad("--edge-bind-address", "::1", "--edge-ip-version", "4").err())
                .contains("edge-bind-address: the address is not of edge-ip-version 4");
        assertThat(bad("--cacert", "/nowhere.pem").err()).contains("/nowhere.pem");
        assertThat(bad("--post-quantum").err()).contains("post-quantum");
        assertThat(bad("--url", "localhost:80").err()).contains("localhost:80 is an invalid address");
    }

    @Test
    void theCommandLineBeatsTheEnvironmentAndThatTheFile() throws IOException {
        Files.createDirectories(home.resolve(".cloudflared"));
        Files.writeString(home.resolve(".cloudflared/config.yml"), "protocol: fromfile");
        assertThat(run(Map.of("TUNNEL_TOKEN", TOKEN), "tunnel", "run").err()).contains("'fromfile'");
        Map<String, String> environment = Map.of("TUNNEL_TOKEN", TOKEN, "TUNNEL_TRANSPORT_PROTOCOL", "fromenv");
        assertThat(run(environment, "tunnel", "run").err()).contains("'fromenv'");
        assertThat(run(environment, "tunnel", "run", "--protocol", "fromline").err())
                .contains("'fromline'");
        assertThat(run(environment, "tunnel", "--protocol", "before", "run").err())
                .contains("'before'");
    }

    @Test
    void rulesThatAreNotValidAreNamedWithTheirFileAndWhatToWrite() throws IOException {
        Path file = config("ingress: [{hostname: wiki.example.com, service: 'http://localhost:3000'}]");
        assertThat(bad("--config", file.toString()).err())
                .contains(file.toString(), "The last ingress rule must match all URLs", "- service: http_status:404");
    }

    @Test
    void aMistypedKeyIsWarnedOfBeforeWhatCameOfIt() throws IOException {
        Path file = config("ingress: [{hostnme: wiki.example.com, service: 'http://localhost:3000'},"
                + " {service: 'http_status:404'}]\norignRequest: {}");
        assertThat(bad("--config", file.toString()).err())
                .containsSubsequence(
                        "WRN The config file has unknown keys", "keys=\"ingress[0].hostnme, orignRequest\"", "Rule #1");
    }

    @Test
    void aMetricsPortInUseIsSaidToBeInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThat(bad("--metrics", address).err())
                    .contains("cannot listen on " + address + ": something else listens there already");
        }
    }

    @Test
    void aLogFileThatCannotBeWrittenIsNamedOnce() {
        assertThat(bad("--logfile", "/nowhere/at/all.log").err())
                .contains("logfile: cannot write /nowhere/at/all.log: there is no such file or directory");
    }

    private Path config(String yaml) throws IOException {
        return Files.writeString(home.resolve("config.yml"), yaml);
    }

    @Test
    void tu10HelpRecommendsTheFile() {
        assertThat(run(Map.of(), "tunnel", "run", "--help").out()).contains("--token-file or TUNNEL_TOKEN");
    }

    private CliRun bad(String... args) {
        String[] all = new String[args.length + 2];
        all[0] = "tunnel";
        all[1] = "run";
        System.arraycopy(args, 0, all, 2, args.length);
        return run(Map.of("TUNNEL_TOKEN", TOKEN), all);
    }

    private CliRun run(Map<String, String> environment, String... args) {
        return CliRun.of(environment, home, args);
    }
}
