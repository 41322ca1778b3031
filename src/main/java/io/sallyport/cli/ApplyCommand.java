package io.sallyport.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code apply}: makes the configuration equal to a file: plans, asks, and applies exactly that plan or nothing. */
@Command(
        name = "apply",
        description = "Make the configuration equal to a file. Shows the plan and asks for confirmation.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport export -o sallyport.yaml",
            "  sallyport apply -f sallyport.yaml --dry-run",
            "  sallyport apply -f sallyport.yaml"
        },
        mixinStandardHelpOptions = true)
final class ApplyCommand implements Callable<Integer> {
    /** A whole configuration takes longer than other calls. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Terminal terminal;

    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            required = true,
            description = "The file; - is standard input, which needs --yes or --dry-run")
    private String file = "";

    @Option(names = "--dry-run", description = "Only show the plan")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for confirmation, even if there are warnings")
    private boolean yes;

    ApplyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (file.equals("-") && !yes && !dryRun) {
            throw CommandFailure.misuse("with a file from standard input nobody can be asked; add --yes or --dry-run");
        }
        ObjectNode document = ConfigText.complete(file, terminal);
        ApiClient client = api.client(terminal);
        String path = client.account() + "/sallyport/apply";
        JsonNode plan = client.post(path + "?dry_run=true", document, PATIENCE);
        PlanText.print(plan, terminal.out());
        if (dryRun || PlanText.isEmpty(plan)) {
            return 0;
        }
        if (!yes && !agreed()) {
            throw new CommandFailure("nothing was changed");
        }
        JsonNode done =
                client.post(path + "?base_version=" + plan.path("base_version").asString(), document, PATIENCE);
        terminal.out().println("Applied.");
        PlanText.printCredentials(done, terminal.out());
        return 0;
    }

    private boolean agreed() {
        terminal.err().print("Apply this? Type yes: ");
        terminal.err().flush();
        StringBuilder answer = new StringBuilder();
        try {
            for (int c = terminal.in().read();
                    c >= 0 && c != '\n';
                    c = terminal.in().read()) {
                answer.append((char) c);
            }
        } catch (IOException e) {
            throw new CommandFailure("nobody answered", e);
        }
        return answer.toString().strip().equals("yes");
    }
}
