package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code audit}: the parent of what is done with the trail of admin changes. */
@Command(
        name = "audit",
        description = "Check the trail of admin changes.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private AuditCommand() {}

    /** The command with all its verbs. */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new AuditCommand()).addSubcommand(new AuditVerify(terminal));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "audit needs a command");
    }
}
