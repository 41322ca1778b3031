package io.sallyport.cli;

import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tunnel route}: the parent of the commands that route names to a tunnel. */
@Command(
        name = "route",
        description = "Route hostnames to a tunnel.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class TunnelRouteCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private TunnelRouteCommand() {}

    static CommandLine commandLine(Terminal terminal, TunnelApiOptions options) {
        return new CommandLine(new TunnelRouteCommand()).addSubcommand(new Dns(terminal, options));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "tunnel route needs a command: dns");
    }

    /** {@code dns}. */
    @Command(name = "dns", description = "Route a hostname to a tunnel.", mixinStandardHelpOptions = true)
    static final class Dns implements Callable<Integer> {
        private final Terminal terminal;
        private final TunnelApiOptions options;

        @Parameters(index = "0", paramLabel = "TUNNEL", description = "Its id or name")
        private String tunnel = "";

        @Parameters(index = "1", paramLabel = "HOSTNAME", description = "wiki.example.com or *.example.com")
        private String hostname = "";

        @Option(
                names = {"--overwrite-dns", "-f"},
                description = "Even if the hostname is routed elsewhere now (TUNNEL_FORCE_PROVISIONING_DNS)")
        private boolean overwrite;

        Dns(Terminal terminal, TunnelApiOptions options) {
            this.terminal = terminal;
            this.options = options;
        }

        @Override
        public Integer call() {
            TunnelApi api = options.connect(terminal);
            TunnelApi.Tunnel found = api.find(tunnel);
            boolean force = overwrite
                    || terminal.variable("TUNNEL_FORCE_PROVISIONING_DNS")
                            .map(Boolean::parseBoolean)
                            .orElse(false);
            TunnelApi.Route route = api.route(found, hostname, force);
            terminal.out()
                    .println(switch (route.cname()) {
                                case "new" -> "Added CNAME " + route.name() + " which will route to this tunnel";
                                case "updated" -> route.name() + " updated to route to your tunnel";
                                default -> route.name() + " is already configured to route to your tunnel";
                            }
                            + " tunnelID=" + found.id());
            if (!route.untold().isEmpty()) {
                Printable.line(
                        terminal.err(),
                        "The DNS server has not taken " + route.name() + " yet: " + route.untold()
                                + ". The gateway keeps trying.");
            }
            who(route, api.address());
            return 0;
        }

        /** Warns if no application protects the name: without one the gateway admits nobody, or everybody. */
        private void who(TunnelApi.Route route, URI api) {
            String means = switch (route.admits()) {
                case "nobody" -> "so the gateway admits nobody";
                case "everybody" -> "so EVERYBODY is admitted, without a sign-in";
                case null, default -> "";
            };
            if (!means.isEmpty()) {
                Printable.line(
                        terminal.err(),
                        "No application protects " + route.name() + " yet, " + means + ". Create one here:");
                Printable.line(
                        terminal.err(),
                        "  " + api.resolve("/") + "#/applications/new?host=" + ApiClient.encoded(route.name()));
            }
        }
    }
}
