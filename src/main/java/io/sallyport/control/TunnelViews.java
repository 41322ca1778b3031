package io.sallyport.control;

import io.sallyport.catalog.TunnelConfigurations;
import io.sallyport.catalog.TunnelRow;
import io.sallyport.tunnel.wire.EdgeGuide;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tunnels as the API shows them. */
final class TunnelViews {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TunnelConfigurations configurations;
    private final LiveTunnels live;
    private final AccountScope scope;
    private final StoredTunnels tunnels;
    private final Supplier<EdgeGuide> edge;

    /** @param edge what the one who runs a tunnel is told beside its secret */
    TunnelViews(
            TunnelConfigurations configurations,
            LiveTunnels live,
            AccountScope scope,
            StoredTunnels tunnels,
            Supplier<EdgeGuide> edge) {
        this.configurations = configurations;
        this.live = live;
        this.scope = scope;
        this.tunnels = tunnels;
        this.edge = edge;
    }

    /** One tunnel. */
    ObjectNode of(TunnelRow row) {
        return all(List.of(row)).getFirst();
    }

    /** Many, with three queries for all of them. */
    List<ObjectNode> all(List<TunnelRow> rows) {
        List<UUID> ids = rows.stream().map(TunnelRow::id).toList();
        Set<UUID> managed = configurations.managed(ids);
        LiveTunnels.Live now = live.of(ids);
        return rows.stream()
                .map(row -> view(
                        row,
                        row.configSrc().equals("cloudflare") || managed.contains(row.id()),
                        now.connectionsOf(row.id()),
                        now.degraded().contains(row.id())))
                .toList();
    }

    private ObjectNode view(TunnelRow row, boolean remote, ArrayNode connections, boolean degraded) {
        ObjectNode view = JSON.objectNode()
                .put("id", row.id().toString())
                .put("account_tag", scope.account().id());
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("deleted_at", ApiTimes.node(row.deletedAt()));
        view.put("name", row.name());
        view.set("connections", connections);
        view.set("conns_active_at", ApiTimes.node(connections.isEmpty() ? null : row.connsActiveAt()));
        view.set("conns_inactive_at", ApiTimes.node(row.connsInactiveAt()));
        view.put("tun_type", "cfd_tunnel");
        view.putObject("metadata");
        return view.put("status", status(row, connections, degraded))
                .put("remote_config", remote)
                .put("config_src", row.configSrc());
    }

    private static String status(TunnelRow row, ArrayNode connections, boolean degraded) {
        if (!connections.isEmpty()) {
            return degraded ? "degraded" : "healthy";
        }
        return row.connsInactiveAt() == null ? "inactive" : "down";
    }

    /** What a creation answers and nothing else does: the tunnel with its token and credentials file. */
    ObjectNode created(TunnelRow row) {
        ObjectNode view = of(row).put("token", token(row));
        view.putObject("credentials_file")
                .put("AccountTag", scope.account().id())
                .put("TunnelID", row.id().toString())
                .put("TunnelName", row.name())
                .put("TunnelSecret", secret(row));
        return view;
    }

    /** What a connector runs by: base64 of compact JSON, and in it for our own where we are. */
    String token(TunnelRow row) {
        ObjectNode token = JSON.objectNode()
                .put("a", scope.account().id())
                .put("t", row.id().toString())
                .put("s", secret(row));
        edge.get().addTo(token);
        return Base64.getEncoder().encodeToString(token.toString().getBytes(StandardCharsets.UTF_8));
    }

    private String secret(TunnelRow row) {
        return Base64.getEncoder().encodeToString(tunnels.exposeSecret(row));
    }
}
