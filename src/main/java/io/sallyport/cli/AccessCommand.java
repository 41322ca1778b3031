package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code access}: the parent of the commands by which a person uses applications behind the gateway. */
@Command(
        name = "access",
        description = "Reach applications behind the gateway from a command line.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class AccessCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private AccessCommand() {}

    /** The command with all its verbs. */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new AccessCommand())
                .addSubcommand(new AccessLoginCommand(terminal))
                .addSubcommand(new AccessTokenCommand(terminal))
                .addSubcommand(AccessCurlCommand.commandLine(terminal))
                .addSubcommand(new AccessTcpCommand(terminal));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "access needs a command");
    }
}
