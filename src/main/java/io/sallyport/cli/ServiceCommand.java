package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code service}: the parent of the commands that run a connector as a service of this machine. */
@Command(
        name = "service",
        description = "Run a tunnel as a systemd service of this machine.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class ServiceCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ServiceCommand() {}

    /** The command with its verbs, for the systemd of this machine. */
    static CommandLine commandLine(Terminal terminal) {
        return commandLine(terminal, SystemdHost.THIS);
    }

    /** The same for another machine. */
    static CommandLine commandLine(Terminal terminal, SystemdHost host) {
        return new CommandLine(new ServiceCommand())
                .addSubcommand(ServiceInstallCommand.commandLine(terminal, host))
                .addSubcommand(new ServiceUninstallCommand(terminal, host));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "service needs a command: install or uninstall");
    }
}
