package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir
    private Path home;

    @Test
    void aMistypedCommandIsNamedAndCostsStatus255() {
        CliRun run = run("tunel");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("tunel", "Did you mean: sallyport tunnel");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anUnknownOptionCostsStatus255() {
        CliRun run = run("tunnel", "--nonsense");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("--nonsense");
    }

    @Test
    void aParentWithoutItsVerbSaysSo() {
        CliRun run = run("tunnel");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("tunnel needs a command", "sallyport tunnel --help");
    }

    @Test
    void helpIsAResultAndGoesToStandardOutput() {
        CliRun run = run("tunnel", "--help");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Usage: sallyport tunnel", "--api-url");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aWordThatIsAlsoAVerbMayBeTheValueOfAnOption() {
        CliRun run = run("tunnel", "--url", "list", "ingress", "validate");
        assertThat(run.err() + run.out()).doesNotContain("Unmatched", "needs a command");
    }

    @Test
    void aMistypedVerbIsSuggestedThoughVerbsAreBuiltOnDemand() {
        CliRun run = run("tunnel", "lisst");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("lisst", "tunnel list");
    }

    @Test
    void helpListsEveryVerb() {
        assertThat(run("tunnel", "--help").out())
                .contains("login", "run", "create", "list", "info", "token", "delete", "cleanup", "route", "ingress");
        assertThat(run("tunnel", "route", "--help").out()).contains("dns");
    }

    @Test
    void theShellLearnsEveryCommand() {
        CliRun run = run("completion");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("complete -F", "sallyport", "tunnel", "decisions", "gateway", "--api-url");
        assertThat(run.err()).isEmpty();
    }

    private CliRun run(String... args) {
        return CliRun.of(Map.of(), home, args);
    }
}
