package io.sallyport.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sallyport.token.ManagementResource;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The part of the API about tunnels. */
final class TunnelApi {
    private static final String PENDING = "pending: ";
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

    /** Codes of the API. */
    private static final int TUNNEL = 1003;

    private static final int NAME_TAKEN = 1013;

    private final ApiClient client;
    private final String account;
    private final String tunnels;
    private final String zone;

    /** @param account the path of the account; {@code zone} that of the zone */
    TunnelApi(ApiClient client, String account, String zone) {
        this.client = client;
        this.account = account;
        this.tunnels = account + "/cfd_tunnel";
        this.zone = zone;
    }

    /** For a caller with a token but without a cert.pem: account and zone are requested from the API. */
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
            @Nullable String status,
            List<Connection> connections) {
        /** When it was deleted; empty while it exists. */
        String deletion() {
            return deletedAt == null ? "" : deletedAt;
        }

        /** Healthy, degraded, down or inactive; empty if the server does not say. */
        String state() {
            return status == null ? "" : status;
        }

        /** {@code 2xsallyport}; empty when nothing is connected. */
        String summary() {
            return summarised(connections);
        }
    }

    /** A connection, with the members that cloudflared prints; the further ones are present only when a single tunnel was requested. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Connection(
            @JsonProperty("colo_name") String colo,
            String id,
            @JsonProperty("is_pending_reconnect") boolean pendingReconnect,
            @JsonProperty("origin_ip") String originIp,
            @JsonProperty("opened_at") String openedAt,
            @JsonProperty("conn_index") @Nullable Integer index,
            @Nullable String protocol,
            @JsonProperty("rtt_ms") @Nullable Double roundTripMillis,
            @Nullable Long requests,
            @JsonProperty("bytes_in") @Nullable Long bytesIn,
            @JsonProperty("bytes_out") @Nullable Long bytesOut,
            @JsonProperty("last_error") @Nullable String lastError,
            @JsonProperty("last_error_at") @Nullable String lastErrorAt) {}

    /** A connection that has ended. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Disconnect(
            @JsonProperty("connection_id") String id,
            @JsonProperty("client_id") String connector,
            @JsonProperty("conn_index") int index,
            String protocol,
            @JsonProperty("origin_ip") String originIp,
            @JsonProperty("opened_at") String openedAt,
            @JsonProperty("closed_at") String closedAt,
            String reason,
            @Nullable Long requests,
            @JsonProperty("bytes_in") @Nullable Long bytesIn,
            @JsonProperty("bytes_out") @Nullable Long bytesOut,
            @JsonProperty("last_error") @Nullable String lastError,
            @JsonProperty("last_error_at") @Nullable String lastErrorAt) {}

    /** Current connectors, and connections that have ended. */
    record Activity(List<Connector> connectors, List<Disconnect> disconnects) {}

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

    /** The result of routing a hostname, with who is admitted there and what its DNS server said, which other servers do not report. */
    record Route(
            String cname,
            String name,
            @Nullable String admits,
            @JsonProperty("dns_update") @Nullable String dnsUpdate) {
        /** Why the DNS server does not have the name yet; empty when it has it, or is not told of it. */
        String untold() {
            return dnsUpdate != null && dnsUpdate.startsWith(PENDING) ? dnsUpdate.substring(PENDING.length()) : "";
        }
    }

    private static String summarised(List<Connection> connections) {
        return connections.stream()
                .collect(Collectors.groupingBy(Connection::colo, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(site -> site.getValue() + "x" + site.getKey())
                .collect(Collectors.joining(", "));
    }

    Tunnel create(String name, String secret) {
        try {
            return ApiClient.bound(client.post(tunnels, Map.of("name", name, "tunnel_secret", secret)), Tunnel.class);
        } catch (ApiRefusal refused) {
            if (refused.is(409, NAME_TAKEN)) {
                throw new CommandFailure(
                        "there is a tunnel named " + name + " already (code " + NAME_TAKEN
                                + "); choose another name, or see what it does with 'sallyport tunnel info " + name
                                + "'",
                        refused);
            }
            throw refused;
        }
    }

    /** @param query begins with {@code &}, or is empty */
    List<Tunnel> list(String query) {
        return client.list(tunnels + "?per_page=1000" + query, Tunnel.class);
    }

    /** A tunnel by its id or its name; one that was deleted only by its id. */
    Tunnel find(String idOrName) {
        if (UUID.matcher(idOrName).matches()) {
            return byId(idOrName);
        }
        return list("&is_deleted=false&name=" + ApiClient.encoded(idOrName)).stream()
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no tunnel named " + idOrName
                        + Nearest.hint(
                                idOrName,
                                list("&is_deleted=false").stream()
                                        .map(Tunnel::name)
                                        .toList())));
    }

    private Tunnel byId(String id) {
        try {
            return client.get(tunnels + "/" + id, Tunnel.class);
        } catch (ApiRefusal refused) {
            if (refused.is(404, TUNNEL)) {
                throw new CommandFailure(
                        "there is no tunnel with the id " + id
                                + ", or this token may not see it; 'sallyport tunnel list' shows those that there are",
                        refused);
            }
            throw refused;
        }
    }

    /** PEM, with a line end after its last line. */
    String authority() {
        return client.get(account + "/sallyport/tunnel_authority")
                .path("certificate")
                .asString();
    }

    String token(Tunnel tunnel) {
        return client.get(tunnels + "/" + tunnel.id() + "/token").asString();
    }

    /** A token for the management service of the tunnel's connectors. */
    String managementToken(Tunnel tunnel, ManagementResource resource) {
        return client.post(tunnels + "/" + tunnel.id() + "/management/" + resource.word(), null)
                .asString();
    }

    /** The API's address. */
    URI address() {
        return client.base();
    }

    void delete(Tunnel tunnel, boolean cascade) {
        client.delete(tunnels + "/" + tunnel.id() + (cascade ? "?cascade=true" : ""));
    }

    /** @param disconnects how many ended connections to return, newest first */
    Activity activity(Tunnel tunnel, int disconnects) {
        return client.get(
                account + "/sallyport/tunnels/" + tunnel.id() + "/activity?disconnects=" + disconnects, Activity.class);
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
