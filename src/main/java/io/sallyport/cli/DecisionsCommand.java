package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code decisions}: the parent of the commands that show why somebody was admitted or refused. */
@Command(
        name = "decisions",
        description = "Show why somebody was admitted or refused.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class DecisionsCommand implements Runnable {
    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private DecisionsCommand() {}

    /** The command with all its verbs. */
    static CommandLine commandLine(Terminal terminal) {
        DecisionsCommand parent = new DecisionsCommand();
        return new CommandLine(parent)
                .addSubcommand(new DecisionsList(terminal, parent.api))
                .addSubcommand(new DecisionsShow(terminal, parent.api));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "decisions needs a command");
    }
}
