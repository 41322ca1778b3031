package io.sallyport.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The part of the API about tunnels (connector-api.md §1.2). */
final class TunnelApi {
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

    private final ApiClient client;
    private final String tunnels;
    private final String zone;

    /** @param account the path of the account; {@code zone} that of the zone */
    TunnelApi(ApiClient client, String account, String zone) {
        this.client = client;
        this.tunnels = account + "/cfd_tunnel";
        this.zone = zone;
    }

    /** For a caller who has a token and no certificate: account and zone are asked for. */
    static TunnelApi of(ApiClient client) {
        String zone = client.get("/zones").path(0).path("id").asString("");
        return new TunnelApi(client, client.account(), "/zones/" + zone);
    }

    /** A tunnel, with the members that cloudflared prints. */
    record Tunnel(
            String id,
            String name,
            @JsonProperty("created_at") String createdAt,
            @JsonProperty("deleted_at") @Nullable String deletedAt,
            List<Connection> connections) {
        /** When it was deleted; empty while it lives. */
        String deletion() {
            return deletedAt == null ? "" : deletedAt;
        }

        /** {@code 2xsallyport}; empty when nothing is connected. */
        String summary() {
            return summarised(connections);
        }
    }

    /** A connection. */
    record Connection(
            @JsonProperty("colo_name") String colo,
            String id,
            @JsonProperty("is_pending_reconnect") boolean pendingReconnect,
            @JsonProperty("origin_ip") String originIp,
            @JsonProperty("opened_at") String openedAt) {}

    /** A connector with its connections. */
    record Connector(
            String id,
            List<String> features,
            String version,
            String arch,
            @JsonProperty("run_at") String runAt,
            List<Connection> conns) {
        String summary() {
            return summarised(conns);
        }
    }

    /** What binding a hostname did. */
    record Route(String cname, String name) {}

    private static String summarised(List<Connection> connections) {
        return connections.stream()
                .collect(Collectors.groupingBy(Connection::colo, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(site -> site.getValue() + "x" + site.getKey())
                .collect(Collectors.joining(", "));
    }

    Tunnel create(String name, String secret) {
        return ApiClient.bound(client.post(tunnels, Map.of("name", name, "tunnel_secret", secret)), Tunnel.class);
    }

    /** @param query begins with {@code &}, or is empty */
    List<Tunnel> list(String query) {
        return client.list(tunnels + "?per_page=1000" + query, Tunnel.class);
    }

    /** A tunnel by its id or its name; one that was deleted only by its id. */
    Tunnel find(String idOrName) {
        if (UUID.matcher(idOrName).matches()) {
            return client.get(tunnels + "/" + idOrName, Tunnel.class);
        }
        return list("&is_deleted=false&name=" + ApiClient.encoded(idOrName)).stream()
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no tunnel named " + idOrName));
    }

    String token(Tunnel tunnel) {
        return client.get(tunnels + "/" + tunnel.id() + "/token").asString();
    }

    void delete(Tunnel tunnel, boolean cascade) {
        client.delete(tunnels + "/" + tunnel.id() + (cascade ? "?cascade=true" : ""));
    }

    List<Connector> connectors(Tunnel tunnel) {
        return client.get(tunnels + "/" + tunnel.id() + "/connections")
                .valueStream()
                .map(each -> ApiClient.bound(each, Connector.class))
                .toList();
    }

    void drop(Tunnel tunnel, Optional<String> connector) {
        client.delete(tunnels + "/" + tunnel.id() + "/connections"
                + connector.map(id -> "?client_id=" + ApiClient.encoded(id)).orElse(""));
    }

    Route route(Tunnel tunnel, String hostname, boolean overwrite) {
        return ApiClient.bound(
                client.put(
                        zone + "/tunnels/" + tunnel.id() + "/routes",
                        Map.of("type", "dns", "user_hostname", hostname, "overwrite_existing", overwrite)),
                Route.class);
    }
}
