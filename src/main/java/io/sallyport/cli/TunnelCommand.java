package io.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tunnel}: the parent of everything about tunnels. Its options may stand before or after the verb. */
@Command(
        name = "tunnel",
        description = "Publish services of this network through the gateway, without opening a port.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class TunnelCommand implements Runnable {
    @Mixin
    private final TunnelApiOptions api = new TunnelApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private TunnelCommand() {}

    /** The command with all its verbs. Verbs that call the API take the {@link TunnelApiOptions} of their parent. */
    static CommandLine commandLine(Terminal terminal) {
        TunnelCommand tunnel = new TunnelCommand();
        TunnelOptions options = new TunnelOptions();
        CommandLine line = new CommandLine(tunnel);
        options.addConfigTo(line.getCommandSpec());
        options.addTo(line.getCommandSpec());
        return line.addSubcommand(new TunnelLoginCommand(terminal, tunnel.api))
                .addSubcommand(TunnelRunCommand.commandLine(terminal, options, tunnel.api))
                .addSubcommand(new TunnelCreateCommand(terminal, tunnel.api))
                .addSubcommand(new TunnelListCommand(terminal, tunnel.api))
                .addSubcommand(new TunnelInfoCommand(terminal, tunnel.api))
                .addSubcommand(new TunnelTokenCommand(terminal, tunnel.api))
                .addSubcommand(new TunnelDeleteCommand(terminal, tunnel.api))
                .addSubcommand(new TunnelCleanupCommand(terminal, tunnel.api))
                .addSubcommand(TunnelRouteCommand.commandLine(terminal, tunnel.api))
                .addSubcommand(TunnelIngressCommand.commandLine(terminal, options));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "tunnel needs a command");
    }
}
