package io.sallyport.cli;

import java.util.List;
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
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport tunnel login",
            "  sallyport tunnel create demo",
            "  sallyport tunnel route dns demo wiki.example.com",
            "  sallyport tunnel run --url http://localhost:3000 demo",
            "  ",
            "  The options of tunnel run may also stand before the word run; see sallyport tunnel run --help."
        },
        abbreviateSynopsis = true,
        mixinStandardHelpOptions = true)
final class TunnelCommand implements Runnable {
    @Mixin
    private final TunnelApiOptions api = new TunnelApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private TunnelCommand() {}

    /**
     * The command with its verbs. Verbs that call the API take the {@link TunnelApiOptions} of their parent.
     *
     * @param args the whole command line; it decides which verbs are built
     */
    static CommandLine commandLine(Terminal terminal, List<String> args) {
        TunnelCommand tunnel = new TunnelCommand();
        TunnelOptions options = new TunnelOptions();
        CommandLine line = new CommandLine(tunnel);
        options.addConfigTo(line.getCommandSpec());
        options.addHiddenTo(line.getCommandSpec());
        return new Verbs(args)
                .or("login", () -> new TunnelLoginCommand(terminal, tunnel.api))
                .or("run", () -> TunnelRunCommand.commandLine(terminal, options, tunnel.api))
                .or("create", () -> new TunnelCreateCommand(terminal, tunnel.api))
                .or("list", () -> new TunnelListCommand(terminal, tunnel.api))
                .or("info", () -> new TunnelInfoCommand(terminal, tunnel.api))
                .or("tail", () -> new TailCommand(terminal, tunnel.api))
                .or("token", () -> new TunnelTokenCommand(terminal, tunnel.api))
                .or("authority", () -> new TunnelAuthorityCommand(terminal, tunnel.api))
                .or("delete", () -> new TunnelDeleteCommand(terminal, tunnel.api))
                .or("cleanup", () -> new TunnelCleanupCommand(terminal, tunnel.api))
                .or("route", () -> TunnelRouteCommand.commandLine(terminal, tunnel.api))
                .or("ingress", () -> TunnelIngressCommand.commandLine(terminal, options))
                .addTo(line);
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                spec.commandLine().getParseResult().matchedOptions().isEmpty()
                        ? "tunnel needs a command"
                        : "tunnel needs a command: quick tunnels without a name are not supported, because nobody would be responsible for"
                                + " what they publish; use tunnel login, tunnel create NAME and tunnel run NAME");
    }
}
