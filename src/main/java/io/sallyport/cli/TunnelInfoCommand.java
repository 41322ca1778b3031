package io.sallyport.cli;

import io.sallyport.cli.TunnelApi.Activity;
import io.sallyport.cli.TunnelApi.Connection;
import io.sallyport.cli.TunnelApi.Connector;
import io.sallyport.cli.TunnelApi.Disconnect;
import io.sallyport.cli.TunnelApi.Tunnel;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel info}: shows the connectors of a tunnel, their connections, and why earlier ones ended. */
@Command(name = "info", description = "Show the connectors of a tunnel.", mixinStandardHelpOptions = true)
final class TunnelInfoCommand implements Callable<Integer> {
    /** The sort keys for connectors, as cloudflared spells them. */
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

    /** The output for programs. */
    private record Printed(
            String id,
            String name,
            String createdAt,
            @Nullable String status,
            List<Connector> conns,
            List<Disconnect> disconnects) {}

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", description = "Its id or name")
    private String tunnel = "";

    @Option(
            names = {"--show-recently-disconnected", "--rd"},
            description = "Include connections that are about to reconnect")
    private boolean pending;

    @Option(names = "--sort-by", paramLabel = "WORD", description = "${COMPLETION-CANDIDATES} (default createdAt)")
    private Order order = Order.CREATED_AT;

    @Option(names = "--invert-sort", description = "Reverse the order")
    private boolean inverted;

    @Option(
            names = "--disconnects",
            paramLabel = "NUMBER",
            description = "How many ended connections to show, newest first (default 10)")
    private int disconnects = 10;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    TunnelInfoCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        Tunnel found = api.find(tunnel);
        Activity activity = api.activity(found, disconnects);
        List<Connector> connectors = activity.connectors().stream()
                .map(this::shown)
                .sorted(inverted ? order.comparator().reversed() : order.comparator())
                .toList();
        Printed printed = new Printed(
                found.id(), found.name(), found.createdAt(), found.status(), connectors, activity.disconnects());
        if (form.print(printed, terminal)) {
            return 0;
        }
        if (connectors.isEmpty()) {
            terminal.out().println("Your tunnel " + found.id() + " does not have any active connection.");
        } else {
            print(found, connectors);
        }
        print(activity.disconnects());
        return 0;
    }

    private void print(Tunnel found, List<Connector> connectors) {
        terminal.out().println("NAME:     " + found.name());
        terminal.out().println("ID:       " + found.id());
        terminal.out().println("CREATED:  " + at(found.createdAt()));
        terminal.out().println("STATUS:   " + found.state());
        terminal.out().println();
        Table table = new Table("connector id", "created", "architecture", "version", "origin ip", "edge");
        connectors.forEach(each -> table.row(
                each.id(),
                at(each.runAt()),
                each.arch(),
                each.version(),
                each.conns().stream().map(Connection::originIp).findFirst().orElse(""),
                each.summary()));
        table.print(terminal.out());
        terminal.out().println();
        Table connections = new Table(
                "connection",
                "connector",
                "protocol",
                "since",
                "rtt",
                "requests",
                "bytes in",
                "bytes out",
                "last error");
        connectors.forEach(connector -> connector
                .conns()
                .forEach(each -> connections.row(
                        each.index() == null ? "" : each.index().toString(),
                        connector.id(),
                        each.protocol() == null ? "" : each.protocol(),
                        at(each.openedAt()),
                        millis(each.roundTripMillis()),
                        number(each.requests()),
                        number(each.bytesIn()),
                        number(each.bytesOut()),
                        error(each.lastError(), each.lastErrorAt()))));
        connections.print(terminal.out());
    }

    private void print(List<Disconnect> gone) {
        if (gone.isEmpty()) {
            return;
        }
        terminal.out().println();
        Table table = new Table(
                "disconnected", "connection", "connector", "protocol", "since", "requests", "reason", "last error");
        gone.forEach(each -> table.row(
                at(each.closedAt()),
                Integer.toString(each.index()),
                each.connector(),
                each.protocol(),
                at(each.openedAt()),
                number(each.requests()),
                each.reason(),
                error(each.lastError(), each.lastErrorAt())));
        table.print(terminal.out());
    }

    private static String millis(@Nullable Double millis) {
        return millis == null ? "" : String.format(Locale.ROOT, "%.1f ms", millis);
    }

    private static String number(@Nullable Long number) {
        return number == null ? "" : number.toString();
    }

    private String error(@Nullable String what, @Nullable String at) {
        return what == null ? "" : what + (at == null ? "" : " (" + at(at) + ")");
    }

    private String at(String time) {
        return Moments.shown(time, terminal);
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
