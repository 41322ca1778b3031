package io.sallyport.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel cleanup}: ends connections. */
@Command(
        name = "cleanup",
        description = "End the connections of tunnels. Connectors that are still running reconnect.",
        mixinStandardHelpOptions = true)
final class TunnelCleanupCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", arity = "1..*", description = "Ids or names")
    private List<String> tunnels = List.of();

    @Option(
            names = {"--connector-id", "-c"},
            paramLabel = "UUID",
            description = "Only those of this connector")
    private @Nullable String connector;

    TunnelCleanupCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        List<TunnelApi.Tunnel> found = tunnels.stream().map(api::find).toList();
        for (TunnelApi.Tunnel each : found) {
            api.drop(each, Optional.ofNullable(connector));
            terminal.out().println("Cleaned up connections of tunnel " + each.name() + " with id " + each.id());
        }
        return 0;
    }
}
