package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code policy}: the parent of the commands that test and examine policies. */
@Command(
        name = "policy",
        description =
                "Test policies against cases, find likely mistakes, and see who would gain or lose access by a change.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class PolicyCommand implements Runnable {
    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private PolicyCommand() {}

    /** The command with all its verbs. */
    static CommandLine commandLine(Terminal terminal) {
        PolicyCommand parent = new PolicyCommand();
        return new CommandLine(parent)
                .addSubcommand(new PolicyTestCommand(terminal, parent.api))
                .addSubcommand(new PolicyLintCommand(terminal, parent.api))
                .addSubcommand(new PolicyReplayCommand(terminal, parent.api));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "policy needs a command");
    }
}
