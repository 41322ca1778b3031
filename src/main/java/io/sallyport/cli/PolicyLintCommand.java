package io.sallyport.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code policy lint}: reports likely mistakes in the gateway's policies or in those of a file. */
@Command(
        name = "lint",
        description = "Report likely mistakes in policies. Exit status: 0 none, 2 some, 1 failed.",
        mixinStandardHelpOptions = true)
final class PolicyLintCommand implements Callable<Integer> {
    private static final int FOUND = 2;

    private final Terminal terminal;
    private final ApiOptions api;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Report mistakes that this file would add to the gateway's configuration")
    private @Nullable String file;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    PolicyLintCommand(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        JsonNode warnings = warnings(api.client(terminal));
        if (!form.print(warnings, terminal)) {
            print(warnings);
        }
        return warnings.isEmpty() ? 0 : FOUND;
    }

    private JsonNode warnings(ApiClient client) {
        if (file == null) {
            return client.get(client.account() + "/sallyport/lint");
        }
        ObjectNode document = ConfigText.complete(file, terminal);
        return client.post(client.account() + "/sallyport/diff", document, ApplyCommand.PATIENCE)
                .path("warnings");
    }

    private void print(JsonNode warnings) {
        if (warnings.isEmpty()) {
            terminal.err().println("No likely mistakes found.");
        }
        warnings.forEach(this::printOne);
    }

    private void printOne(JsonNode warning) {
        String policy = warning.path("policy").asString("");
        String pointer = warning.path("pointer").asString("");
        Printable.line(
                terminal.out(),
                warning.path("code").asString("") + ": application \""
                        + warning.path("application").asString("") + "\""
                        + (policy.isEmpty() ? "" : ", policy \"" + policy + "\"")
                        + (pointer.isEmpty() ? "" : " at " + pointer));
        Printable.line(terminal.out(), "  " + warning.path("reason").asString(""));
        Printable.line(terminal.out(), "  do: " + warning.path("advice").asString(""));
    }
}
