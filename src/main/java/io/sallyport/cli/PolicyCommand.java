package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code policy}: the parent of what tries and examines policies. */
@Command(
        name = "policy",
        description =
                "Test policies against cases, look for mistakes in them, and see whom a change would let in or keep out.",
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
