package io.sallyport.control;

import io.sallyport.catalog.TunnelRow;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes tunnels. A deleted one can be read and nothing else. */
final class TunnelChanges {
    static final String KIND = "tunnel";

    /** What connectors do is no admin's change. */
    private static final Set<String> NOT_AUDITED =
            Set.of("connections", "conns_active_at", "conns_inactive_at", "status", "metadata");

    private final Transactions transactions;
    private final StoredTunnels tunnels;
    private final TunnelViews views;
    private final LiveTunnels live;
    private final HostnameClaims claims;
    private final AdminAudit audit;

    TunnelChanges(
            Transactions transactions,
            StoredTunnels tunnels,
            TunnelViews views,
            LiveTunnels live,
            HostnameClaims claims,
            AdminAudit audit) {
        this.transactions = transactions;
        this.tunnels = tunnels;
        this.views = views;
        this.live = live;
        this.claims = claims;
        this.audit = audit;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> {
            Optional<String> status = query.text("status");
            if (status.isEmpty()) {
                Paged<TunnelRow> page = tunnels.page(query);
                return new Paged<>(page.paging(), views.all(page.items()), page.total());
            }
            String wanted = query.oneOf("status", "", "inactive", "degraded", "healthy", "down");
            List<TunnelRow> rows = tunnels.all(query);
            return Paged.cut(
                    query.paging(),
                    views.all(rows).stream()
                            .filter(view -> view.path("status").stringValue().equals(wanted))
                            .toList());
        });
    }

    /** A deleted one too. */
    ObjectNode get(UUID id) {
        return transactions.read(() -> views.of(tunnels.any(id)));
    }

    String token(UUID id) {
        return transactions.read(() -> views.token(tunnels.living(id)));
    }

    List<ObjectNode> connectors(UUID id) {
        return transactions.read(() -> live.connectors(tunnels.any(id).id()));
    }

    ObjectNode connector(UUID id, UUID client) {
        return connectors(id).stream()
                .filter(each -> each.path("id").stringValue().equals(client.toString()))
                .findFirst()
                .orElseThrow(ApiProblem::noSuchTunnel);
    }

    /** What only we show: protocol, round trip and traffic of each connection, and why connections ended. */
    ObjectNode activity(UUID id, Query query) {
        int most = query.integer("disconnects", 0, 1000).orElse(50);
        return transactions.read(() -> {
            UUID tunnel = tunnels.any(id).id();
            ObjectNode activity = JsonNodeFactory.instance.objectNode();
            live.connectorsInDetail(tunnel).forEach(activity.putArray("connectors")::add);
            live.disconnects(tunnel, most).forEach(activity.putArray("disconnects")::add);
            return activity;
        });
    }

    ObjectNode create(AdminCall call, Fields fields) {
        TunnelDraft draft = TunnelDraft.read(fields);
        String name = draft.name().orElseThrow(() -> ApiProblem.tunnel("/name is required"));
        return transactions.write(() -> {
            TunnelRow row = tunnels.add(name, draft.configSrc().orElse("local"), draft.secretOrRandom());
            audit.record(call, "create", KIND, row.id().toString(), null, audited(row));
            return views.created(row);
        });
    }

    /** What is absent stays. A new secret is the only one that opens new connections; those that are open stay (TU-03). */
    ObjectNode merge(AdminCall call, UUID id, Fields fields) {
        TunnelDraft draft = TunnelDraft.read(fields);
        return transactions.write(() -> {
            TunnelRow row = tunnels.living(id);
            ObjectNode before = audited(row);
            call.requireMatch(views.of(row));
            tunnels.change(row, draft);
            String action = draft.secret().isPresent() ? "rotate" : "update";
            audit.record(call, action, KIND, id.toString(), before, audited(row));
            return views.of(row);
        });
    }

    /** Refused while the tunnel has connections. */
    ObjectNode delete(AdminCall call, UUID id) {
        return delete(call, id, () -> {
            if (!live.connectors(id).isEmpty()) {
                throw ApiProblem.tunnel(
                        "the tunnel has active connections: stop its connectors, or delete it with cascade=true (--force on the command line)");
            }
        });
    }

    /** Connections end with it. */
    ObjectNode deleteWithConnections(AdminCall call, UUID id) {
        return delete(call, id, () -> {});
    }

    private ObjectNode delete(AdminCall call, UUID id, Runnable objection) {
        return transactions.write(() -> {
            TunnelRow row = tunnels.living(id);
            ObjectNode before = audited(row);
            call.requireMatch(views.of(row));
            objection.run();
            tunnels.delete(row);
            claims.releaseAll(id);
            live.drop(id, Optional.empty(), "the tunnel was deleted");
            tunnels.reread(row);
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return views.of(row);
        });
    }

    /** Ends the connections of one connector or of all; connectors that still run come back with the present secret. */
    void drop(AdminCall call, UUID id, Optional<UUID> client) {
        transactions.write(() -> {
            TunnelRow row = tunnels.any(id);
            int dropped = live.drop(id, client, "dropped by an admin");
            ObjectNode what = JsonNodeFactory.instance.objectNode().put("connections", dropped);
            client.ifPresent(one -> what.put("client_id", one.toString()));
            audit.record(call, "drop_connections", KIND, row.id().toString(), what, null);
            return what;
        });
    }

    private ObjectNode audited(TunnelRow row) {
        return views.of(row).remove(NOT_AUDITED);
    }
}
