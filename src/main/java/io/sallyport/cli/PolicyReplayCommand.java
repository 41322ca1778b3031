package io.sallyport.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code policy replay}: who would gain and who would lose access by a change that has not been made yet. */
@Command(
        name = "replay",
        description = {
            "Say who would gain and who would lose access by a change, without making it. The requests of the last"
                    + " days, and a request of every known person to every application that the change affects, are decided once by"
                    + " the current configuration and once by the changed one.",
            "Exit status: 0 nobody gains or loses access, 2 somebody does, 1 failed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport export -o sallyport.yaml",
            "  # change a policy in the file, and before you apply it:",
            "  sallyport policy replay -f sallyport.yaml",
            "  sallyport policy replay -f sallyport.yaml --days 7 --examples 100"
        },
        mixinStandardHelpOptions = true)
final class PolicyReplayCommand implements Callable<Integer> {
    private static final int FOUND = 2;

    private final Terminal terminal;
    private final ApiOptions api;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            required = true,
            description = {
                "The changed configuration file, as for apply; - is standard input.",
                "Or a change in the API's format: groups, policies, applications, and delete with their ids"
            })
    private String file = "";

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "30",
            description = "How far to look back, 1 to 365 (default 30)")
    private int days;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many of each kind to list, up to 1000 (default 20)")
    private int examples;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    PolicyReplayCommand(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        ObjectNode question =
                question(ConfigText.read(file, terminal)).put("days", days).put("examples", examples);
        ApiClient client = api.client(terminal);
        JsonNode answer = client.post(client.account() + "/sallyport/replay", question, ApplyCommand.PATIENCE);
        if (!form.print(answer, terminal)) {
            new ReplayText(terminal).print(answer, days);
        }
        return ReplayText.changesAccess(answer) ? FOUND : 0;
    }

    /** A configuration file can be recognised by its first member; other documents are changes in the API's format. */
    private ObjectNode question(ObjectNode change) {
        if (!change.has("sallyport")) {
            return change;
        }
        ConfigText.resolve(change, terminal);
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        question.set("configuration", change);
        return question;
    }
}
