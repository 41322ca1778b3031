package io.sallyport.cli;

import io.sallyport.cli.TunnelApi.Connection;
import io.sallyport.cli.TunnelApi.Connector;
import io.sallyport.cli.TunnelApi.Tunnel;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel info}: the connectors of a tunnel. */
@Command(name = "info", description = "Show who is connected for a tunnel.", mixinStandardHelpOptions = true)
final class TunnelInfoCommand implements Callable<Integer> {
    /** What connectors are sorted by, as cloudflared spells it. */
    enum Order {
        ID("id"),
        CREATED_AT("createdAt"),
        NUM_CONNECTIONS("numConnections"),
        VERSION("version");

        private final String word;

        Order(String word) {
            this.word = word;
        }

        private Comparator<Connector> comparator() {
            return switch (this) {
                case ID -> Comparator.comparing(Connector::id);
                case CREATED_AT -> Comparator.comparing(Connector::runAt);
                case NUM_CONNECTIONS ->
                    Comparator.comparingInt(connector -> connector.conns().size());
                case VERSION -> Comparator.comparing(Connector::version);
            };
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** What is printed for a program. */
    private record Info(String id, String name, String createdAt, List<Connector> conns) {}

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", description = "Its id or name")
    private String tunnel = "";

    @Option(
            names = {"--show-recently-disconnected", "--rd"},
            description = "Connections that are about to come back too")
    private boolean pending;

    @Option(names = "--sort-by", paramLabel = "WORD", description = "${COMPLETION-CANDIDATES} (default createdAt)")
    private Order order = Order.CREATED_AT;

    @Option(names = "--invert-sort", description = "The other way round")
    private boolean inverted;

    @Option(
            names = {"--output", "-o"},
            paramLabel = "FORMAT",
            description = "Print as json or yaml")
    private @Nullable Rendering output;

    TunnelInfoCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        Tunnel found = api.find(tunnel);
        List<Connector> connectors = api.connectors(found).stream()
                .map(this::shown)
                .sorted(inverted ? order.comparator().reversed() : order.comparator())
                .toList();
        if (output != null) {
            output.print(new Info(found.id(), found.name(), found.createdAt(), connectors), terminal.out());
            return 0;
        }
        if (connectors.isEmpty()) {
            terminal.out().println("Your tunnel " + found.id() + " does not have any active connection.");
            return 0;
        }
        terminal.out().println("NAME:     " + found.name());
        terminal.out().println("ID:       " + found.id());
        terminal.out().println("CREATED:  " + found.createdAt());
        terminal.out().println();
        Table table = new Table("connector id", "created", "architecture", "version", "origin ip", "edge");
        connectors.forEach(each -> table.row(
                each.id(),
                each.runAt(),
                each.arch(),
                each.version(),
                each.conns().stream().map(Connection::originIp).findFirst().orElse(""),
                each.summary()));
        table.print(terminal.out());
        return 0;
    }

    private Connector shown(Connector connector) {
        return pending
                ? connector
                : new Connector(
                        connector.id(),
                        connector.features(),
                        connector.version(),
                        connector.arch(),
                        connector.runAt(),
                        connector.conns().stream()
                                .filter(each -> !each.pendingReconnect())
                                .toList());
    }
}
