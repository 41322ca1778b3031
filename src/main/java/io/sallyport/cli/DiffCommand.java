package io.sallyport.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code diff}: what applying a file would change. Exit status 0 for nothing, 2 for something. */
@Command(
        name = "diff",
        description = "Show what applying a file would change. Exit status: 0 nothing, 2 something, 1 failed.",
        mixinStandardHelpOptions = true)
final class DiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 2;

    private final Terminal terminal;

    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            required = true,
            description = "The file; - is standard input")
    private String file = "";

    @Mixin
    private final ForPrograms form = new ForPrograms();

    DiffCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ObjectNode document = ConfigText.complete(file, terminal);
        ApiClient client = api.client(terminal);
        JsonNode plan = client.post(client.account() + "/sallyport/diff", document, ApplyCommand.PATIENCE);
        if (!form.print(plan, terminal)) {
            PlanText.print(plan, terminal.out());
        }
        return PlanText.isEmpty(plan) ? 0 : DIFFERENT;
    }
}
