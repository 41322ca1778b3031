package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunnelIngressCommandTest {
    @TempDir
    private Path home;

    @Test
    void aGoodFileIsFoundInTheHomeDirectoryAndIsOk() throws IOException {
        Path file = file("""
                protocol: http2
                ingress:
                  - {hostname: a.example, service: "http://localhost:8000"}
                  - service: http_status:404
                """);
        CliRun run = run("tunnel", "ingress", "validate");
        assertThat(run.out()).isEqualTo("Validating rules from " + file + "\nOK\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void configMayStandBeforeOrAfterTheVerb() throws IOException {
        Path other = Files.writeString(home.resolve("other.yml"), "ingress: [{service: hello_world}]");
        assertThat(run("tunnel", "--config", other.toString(), "ingress", "validate")
                        .out())
                .contains("other.yml", "OK");
        assertThat(run("tunnel", "ingress", "validate", "--config", other.toString())
                        .out())
                .contains("other.yml", "OK");
    }

    @Test
    void aBadFileSaysWhatIsWrongWithStatus1() throws IOException {
        file("ingress: [{hostname: a.example, service: 'http://x'}]");
        CliRun run = run("tunnel", "ingress", "validate");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("Validation failed: The last ingress rule must match all URLs");
    }

    @Test
    void unusedKeysAreAWarning() throws IOException {
        file("{tunel: x, ingress: [{service: hello_world}]}");
        CliRun run = run("tunnel", "ingress", "validate");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Warning: unused keys", "tunel").doesNotContain("OK");
    }

    @Test
    void aMistypedKeyIsNamedThoughTheRulesAreNotValidWithoutIt() throws IOException {
        file("ingres: [{service: hello_world}]");
        CliRun run = run("tunnel", "ingress", "validate");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("unused keys", "  ingres\n");
        assertThat(run.err()).contains("doesn't contain any ingress rules");
    }

    @Test
    void aFileWithoutRulesAndAUrlBesideRulesAreRefused() throws IOException {
        file("tunnel: x");
        assertThat(run("tunnel", "ingress", "validate").err())
                .contains("The config file doesn't contain any ingress rules");
        file("ingress: [{service: hello_world}]");
        assertThat(CliRun.of(Map.of("TUNNEL_URL", "http://x"), home, "tunnel", "ingress", "validate")
                        .err())
                .contains("You can't set the --url flag (or $TUNNEL_URL) when using multiple-origin ingress rules");
    }

    @Test
    void inlineRulesAreValidated() {
        assertThat(run("tunnel", "ingress", "validate", "--json", "{\"ingress\":[{\"service\":\"http://x\"}]}")
                        .out())
                .contains("OK");
    }

    @Test
    void aMissingExplicitFileIsAnError() {
        CliRun run = run("tunnel", "--config", "/nowhere.yml", "ingress", "validate");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("cannot read the config file /nowhere.yml");
    }

    @Test
    void aUrlMeetsItsRule() throws IOException {
        Path file = file("""
                ingress:
                  - {hostname: a.example, path: ^/x, service: "http://localhost:8000"}
                  - service: http_status:404
                """);
        assertThat(run("tunnel", "ingress", "rule", "https://a.example/xy").out())
                .isEqualTo("""
                Using rules from %s
                Matched rule #0
                \thostname: a.example
                \tpath: ^/x
                \tservice: http://localhost:8000
                """.formatted(file));
        assertThat(run("tunnel", "ingress", "rule", "https://b.example").out()).contains("Matched rule #1");
        assertThat(run("tunnel", "ingress", "rule", "nonsense").status()).isEqualTo(255);
    }

    private Path file(String yaml) throws IOException {
        Files.createDirectories(home.resolve(".cloudflared"));
        return Files.writeString(home.resolve(".cloudflared/config.yml"), yaml);
    }

    private CliRun run(String... args) {
        return CliRun.of(Map.of(), home, args);
    }
}
