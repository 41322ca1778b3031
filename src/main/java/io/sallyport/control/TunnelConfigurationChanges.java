package io.sallyport.control;

import io.sallyport.catalog.TunnelConfigurations;
import io.sallyport.catalog.TunnelRow;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes what a tunnel's connectors do with requests. Writing one makes the tunnel managed from
 * here, and its hostnames claims.
 */
final class TunnelConfigurationChanges {
    private static final String KIND = "tunnel_configuration";

    private final Transactions transactions;
    private final StoredTunnels tunnels;
    private final TunnelConfigurations configurations;
    private final HostnameClaims claims;
    private final AccountScope scope;
    private final AdminAudit audit;
    private final InstantSource clock;

    TunnelConfigurationChanges(
            Transactions transactions,
            StoredTunnels tunnels,
            TunnelConfigurations configurations,
            HostnameClaims claims,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.tunnels = tunnels;
        this.configurations = configurations;
        this.claims = claims;
        this.scope = scope;
        this.audit = audit;
        this.clock = clock;
    }

    /** Version 0 without a configuration before the first. */
    ObjectNode get(UUID id) {
        return transactions.read(() -> view(tunnels.any(id)));
    }

    /** Replaces it as a whole; every write is a new version. */
    ObjectNode replace(AdminCall call, UUID id, Fields body) {
        TunnelConfigDraft draft = TunnelConfigDraft.read(body);
        return ApiProblem.about(
                ApiProblem.TUNNEL,
                () -> transactions.write(() -> {
                    TunnelRow tunnel = tunnels.living(id);
                    ObjectNode before = view(tunnel);
                    call.requireMatch(before);
                    configurations.add(id, draft.config(), clock.instant());
                    claims.replace(id, HostnameClaims.Source.CONFIGURATION, draft.hostnames());
                    ObjectNode after = view(tunnel);
                    audit.record(call, "replace", KIND, id.toString(), before, after);
                    return after;
                }));
    }

    private ObjectNode view(TunnelRow tunnel) {
        Optional<TunnelConfigurations.Version> newest = configurations.newest(tunnel.id());
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("account_id", scope.account().id())
                .put("tunnel_id", tunnel.id().toString())
                .put(
                        "version",
                        newest.map(TunnelConfigurations.Version::version).orElse(0))
                .put("source", newest.map(TunnelConfigurations.Version::source).orElse(tunnel.configSrc()));
        newest.ifPresentOrElse(version -> view.set("config", version.config()), () -> view.putNull("config"));
        view.set(
                "created_at",
                ApiTimes.node(
                        newest.map(TunnelConfigurations.Version::createdAt).orElse(tunnel.createdAt())));
        return view;
    }
}
