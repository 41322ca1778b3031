package io.sallyport.cli;

import io.sallyport.cli.TunnelApi.Tunnel;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tunnel list}. */
@Command(name = "list", description = "List tunnels.", mixinStandardHelpOptions = true)
final class TunnelListCommand implements Callable<Integer> {
    /** The sort keys, as cloudflared spells them. */
    enum Order {
        NAME("name"),
        ID("id"),
        CREATED_AT("createdAt"),
        DELETED_AT("deletedAt"),
        NUM_CONNECTIONS("numConnections");

        private final String word;

        Order(String word) {
            this.word = word;
        }

        private Comparator<Tunnel> comparator() {
            return switch (this) {
                case NAME -> Comparator.comparing(Tunnel::name);
                case ID -> Comparator.comparing(Tunnel::id);
                case CREATED_AT -> Comparator.comparing(Tunnel::createdAt);
                case DELETED_AT -> Comparator.comparing(Tunnel::deletion);
                case NUM_CONNECTIONS ->
                    Comparator.comparingInt(tunnel -> tunnel.connections().size());
            };
        }

        @Override
        public String toString() {
            return word;
        }
    }

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Option(
            names = {"--name", "-n"},
            paramLabel = "NAME",
            description = "Only the tunnel with this name")
    private @Nullable String name;

    @Option(
            names = {"--name-prefix", "-np"},
            paramLabel = "TEXT",
            description = "Only names that begin with this")
    private @Nullable String prefix;

    @Option(
            names = {"--exclude-name-prefix", "-enp"},
            paramLabel = "TEXT",
            description = "No names that begin with this")
    private @Nullable String excludedPrefix;

    @Option(
            names = {"--when", "-w"},
            paramLabel = "TIME",
            description = "Only tunnels that existed at this time (RFC 3339)")
    private @Nullable String when;

    @Option(
            names = {"--id", "-i"},
            paramLabel = "UUID",
            description = "Only the tunnel with this id")
    private @Nullable String id;

    @Option(
            names = {"--show-deleted", "-d"},
            description = "Include deleted tunnels")
    private boolean deleted;

    @Option(
            names = {"--show-recently-disconnected", "--rd"},
            description = "Count connections that are about to reconnect")
    private boolean pending;

    @Option(names = "--sort-by", paramLabel = "WORD", description = "${COMPLETION-CANDIDATES} (default name)")
    private Order order = Order.NAME;

    @Option(names = "--invert-sort", description = "Reverse the order")
    private boolean inverted;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    TunnelListCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        List<Tunnel> tunnels = options.connect(terminal).list(query()).stream()
                .map(this::shown)
                .sorted(inverted ? order.comparator().reversed() : order.comparator())
                .toList();
        if (!form.print(tunnels, terminal)) {
            print(tunnels);
        }
        return 0;
    }

    private String query() {
        return (deleted ? "" : "&is_deleted=false")
                + parameter("name", name)
                + parameter("name_prefix", prefix)
                + parameter("exclude_prefix", excludedPrefix)
                + parameter("existed_at", when)
                + parameter("uuid", id);
    }

    private static String parameter(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + ApiClient.encoded(value);
    }

    private Tunnel shown(Tunnel tunnel) {
        return pending
                ? tunnel
                : new Tunnel(
                        tunnel.id(),
                        tunnel.name(),
                        tunnel.createdAt(),
                        tunnel.deletedAt(),
                        tunnel.status(),
                        tunnel.connections().stream()
                                .filter(each -> !each.pendingReconnect())
                                .toList());
    }

    private void print(List<Tunnel> tunnels) {
        if (tunnels.isEmpty()) {
            terminal.out().println("No tunnels were found. Create one with: sallyport tunnel create NAME");
            return;
        }
        Table table = deleted
                ? new Table("id", "name", "created", "deleted", "connections", "status")
                : new Table("id", "name", "created", "connections", "status");
        for (Tunnel each : tunnels) {
            if (deleted) {
                table.row(
                        each.id(),
                        each.name(),
                        at(each.createdAt()),
                        at(each.deletion()),
                        each.summary(),
                        each.state());
            } else {
                table.row(each.id(), each.name(), at(each.createdAt()), each.summary(), each.state());
            }
        }
        table.print(terminal.out());
    }

    private String at(String time) {
        return Moments.shown(time, terminal);
    }
}
