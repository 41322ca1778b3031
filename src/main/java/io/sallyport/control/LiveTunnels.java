package io.sallyport.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Connections and connectors as recorded by the replicas. */
final class LiveTunnels {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final JdbcClient jdbc;
    private final String site;

    /** @param site short name of this site, for connections of replicas that do not say theirs */
    LiveTunnels(JdbcClient jdbc, String site) {
        this.jdbc = jdbc;
        this.site = site;
    }

    /** A live connection. */
    private record Connection(
            UUID id,
            UUID tunnel,
            UUID client,
            String site,
            String version,
            String originIp,
            Instant openedAt,
            String protocol,
            int index,
            Optional<Long> rttMicros,
            long requests,
            long bytesIn,
            long bytesOut,
            @Nullable String lastError,
            @Nullable Instant lastErrorAt) {
        ObjectNode json() {
            ObjectNode json = JSON.objectNode()
                    .put("id", id.toString())
                    .put("uuid", id.toString())
                    .put("client_id", client.toString())
                    .put("client_version", version)
                    .put("colo_name", site)
                    .put("is_pending_reconnect", false)
                    .put("origin_ip", originIp);
            json.set("opened_at", ApiTimes.node(openedAt));
            return json;
        }

        ObjectNode detailed() {
            ObjectNode json = json().put("protocol", protocol).put("conn_index", index);
            rttMicros.ifPresentOrElse(rtt -> json.put("rtt_ms", rtt / 1000.0), () -> json.putNull("rtt_ms"));
            json.put("requests", requests).put("bytes_in", bytesIn).put("bytes_out", bytesOut);
            json.put("last_error", lastError).set("last_error_at", ApiTimes.node(lastErrorAt));
            return json;
        }
    }

    /** The part of a tunnel in lists that is about connections. */
    record Live(Map<UUID, ArrayNode> connections, Set<UUID> degraded) {
        ArrayNode connectionsOf(UUID tunnel) {
            return connections.getOrDefault(tunnel, JSON.arrayNode());
        }
    }

    /**
     * The connections of these tunnels. A tunnel is degraded when a connector of it has fewer connections than it once
     * had.
     */
    Live of(Collection<UUID> tunnels) {
        Map<UUID, ArrayNode> connections = new HashMap<>();
        connections(tunnels)
                .forEach(each -> connections
                        .computeIfAbsent(each.tunnel(), id -> JSON.arrayNode())
                        .add(each.json()));
        List<UUID> degraded = jdbc.sql("""
                        select distinct c.tunnel_id from tunnel_connectors c
                        join tunnel_connections n on n.tunnel_id = c.tunnel_id and n.client_id = c.client_id
                        where c.tunnel_id = any(?)
                        group by c.tunnel_id, c.client_id, c.expected having count(*) < c.expected""")
                .param(tunnels.toArray(UUID[]::new))
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
        return new Live(connections, new HashSet<>(degraded));
    }

    private List<Connection> connections(Collection<UUID> tunnels) {
        return jdbc.sql("""
                        select n.*, c.version, coalesce(r.location, ?) as site from tunnel_connections n
                        join tunnel_connectors c on c.tunnel_id = n.tunnel_id and c.client_id = n.client_id
                        left join edge_replicas r on r.id = n.replica_id
                        where n.tunnel_id = any(?) order by n.opened_at, n.id""")
                .params(site, tunnels.toArray(UUID[]::new))
                .query((row, i) -> connection(row))
                .list();
    }

    private static Connection connection(ResultSet row) throws SQLException {
        return new Connection(
                row.getObject("id", UUID.class),
                row.getObject("tunnel_id", UUID.class),
                row.getObject("client_id", UUID.class),
                row.getString("site"),
                row.getString("version"),
                row.getString("origin_ip"),
                row.getTimestamp("opened_at").toInstant(),
                row.getString("protocol"),
                row.getInt("conn_index"),
                Optional.ofNullable(row.getObject("rtt_micros", Long.class)),
                row.getLong("requests"),
                row.getLong("bytes_in"),
                row.getLong("bytes_out"),
                row.getString("last_error"),
                instant(row, "last_error_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    /** The connectors of a tunnel that have a connection, with their connections. */
    List<ObjectNode> connectors(UUID tunnel) {
        return connectors(tunnel, false);
    }

    /** The same with protocol, round-trip time and traffic of each connection: an addition of ours. */
    List<ObjectNode> connectorsInDetail(UUID tunnel) {
        return connectors(tunnel, true);
    }

    private List<ObjectNode> connectors(UUID tunnel, boolean detailed) {
        List<Connection> connections = connections(List.of(tunnel));
        return jdbc.sql("""
                        select client_id, version, arch, features, run_at, config_version from tunnel_connectors c
                        where tunnel_id = ? and exists (select from tunnel_connections n
                            where n.tunnel_id = c.tunnel_id and n.client_id = c.client_id)
                        order by run_at, client_id""")
                .param(tunnel)
                .query((row, i) -> {
                    UUID client = row.getObject("client_id", UUID.class);
                    ObjectNode json = JSON.objectNode()
                            .put("id", client.toString())
                            .put("arch", row.getString("arch"))
                            .put("version", row.getString("version"));
                    ArrayNode features = json.putArray("features");
                    Arrays.stream((String[]) row.getArray("features").getArray())
                            .forEach(features::add);
                    json.set("run_at", ApiTimes.node(row.getTimestamp("run_at").toInstant()));
                    json.put("config_version", row.getInt("config_version"));
                    ArrayNode conns = json.putArray("conns");
                    connections.stream()
                            .filter(each -> each.client().equals(client))
                            .map(each -> detailed ? each.detailed() : each.json())
                            .forEach(conns::add);
                    return json;
                })
                .list();
    }

    /** The last disconnects of a tunnel, newest first; the traffic is null in records of older releases. */
    List<ObjectNode> disconnects(UUID tunnel, int most) {
        return jdbc.sql("""
                        select * from tunnel_disconnects where tunnel_id = ? order by closed_at desc, seq desc limit ?""")
                .params(tunnel, most)
                .query((row, i) -> {
                    ObjectNode json = JSON.objectNode()
                            .put("connection_id", row.getString("connection_id"))
                            .put("client_id", row.getString("client_id"))
                            .put("conn_index", row.getInt("conn_index"))
                            .put("protocol", row.getString("protocol"))
                            .put("origin_ip", row.getString("origin_ip"));
                    json.set(
                            "opened_at",
                            ApiTimes.node(row.getTimestamp("opened_at").toInstant()));
                    json.set(
                            "closed_at",
                            ApiTimes.node(row.getTimestamp("closed_at").toInstant()));
                    json.put("reason", row.getString("reason"))
                            .put("requests", row.getObject("requests", Long.class))
                            .put("bytes_in", row.getObject("bytes_in", Long.class))
                            .put("bytes_out", row.getObject("bytes_out", Long.class))
                            .put("last_error", row.getString("last_error"))
                            .set("last_error_at", ApiTimes.node(instant(row, "last_error_at")));
                    return json;
                })
                .list();
    }

    /**
     * Deletes a tunnel's connections, or those of one connector, from the ledger; their replicas close them at the next
     * heartbeat.
     */
    int drop(UUID tunnel, Optional<UUID> client, String reason) {
        Map<String, UUID> parameters = new HashMap<>(Map.of("tunnel", tunnel));
        client.ifPresent(one -> parameters.put("client", one));
        String which = "tunnel_id = :tunnel" + (client.isPresent() ? " and client_id = :client" : "");
        return JdbcTunnelLedger.strikeOut(jdbc, which, reason, parameters);
    }
}
