package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
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
    void whatIsTooMuchIsNamedAsItWasTyped() {
        assertThat(run("frobnicate").err()).contains("there is no command sallyport frobnicate");
        CliRun run = run("tunnel", "create", "one", "two");
        assertThat(run.status()).isEqualTo(255);
        assertThat(run.err()).contains("sallyport tunnel create does not expect 'two'");
    }

    @Test
    void everyCommandKnowsItsVersion() {
        for (String[] each : new String[][] {{"tunnel"}, {"tunnel", "run"}, {"access", "tcp"}, {"doctor"}}) {
            String[] line = Arrays.copyOf(each, each.length + 1);
            line[each.length] = "--version";
            assertThat(run(line).out()).as(String.join(" ", line)).startsWith("sallyport ");
        }
    }

    @Test
    void helpBeginsWithWhatACommandDoesAndEndsWithExamples() {
        for (String[] each : new String[][] {{"tunnel"}, {"tunnel", "run"}, {"access", "tcp"}, {"apply"}}) {
            String[] line = Arrays.copyOf(each, each.length + 1);
            line[each.length] = "--help";
            String help = run(line).out();
            assertThat(help.indexOf("Usage:")).as(String.join(" ", line)).isZero();
            assertThat(help).contains("Examples:", "  sallyport " + String.join(" ", each));
        }
        assertThat(run("tunnel", "--help").out().lines().limit(2))
                .as("no list of fifty options before the first sentence")
                .anyMatch(text -> text.startsWith("Publish services"));
    }

    @Test
    void whatAPersonForgotIsAMisuseToo() {
        assertThat(run("access", "login").status()).isEqualTo(255);
        assertThat(run("access", "tcp").err()).contains("--hostname");
        assertThat(run("decisions", "show", "nonsense").status()).isEqualTo(255);
        assertThat(run("tunnel", "run", "--token", "x").status()).isEqualTo(255);
    }

    @Test
    void tcpTakesItsHostFromTheEnvironmentAsItsHelpSays() {
        CliRun run = CliRun.of(Map.of("TUNNEL_SERVICE_HOSTNAME", "http://127.0.0.1:1"), home, "access", "tcp");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("nothing answers at 127.0.0.1:1");
    }

    @Test
    void whoLogsInWhereNoGatewayIsIsToldHowToNameAnother() {
        CliRun run = CliRun.of(Map.of("SALLYPORT_API_URL", "http://127.0.0.1:1"), home, "tunnel", "login");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("nothing answers at 127.0.0.1:1", "--api-url");
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
