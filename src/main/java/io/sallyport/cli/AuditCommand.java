package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code audit}: the parent of the commands about the trail of admin changes. */
@Command(
        name = "audit",
        description = "Export the trail of admin changes, and verify it.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Runnable {
    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private AuditCommand() {}

    /** The command with all its verbs. */
    static CommandLine commandLine(Terminal terminal) {
        AuditCommand parent = new AuditCommand();
        return new CommandLine(parent)
                .addSubcommand(new AuditVerify(terminal))
                .addSubcommand(new AuditExport(terminal, parent.api))
                .addSubcommand(new AuditKey(terminal, parent.api));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "audit needs a command");
    }
}
