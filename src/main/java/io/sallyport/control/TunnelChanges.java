package io.sallyport.control;

import io.sallyport.catalog.TunnelRepository;
import io.sallyport.catalog.TunnelRow;
import io.sallyport.token.KeyWrapper;
import jakarta.persistence.EntityManager;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes tunnels (spec/rest-api.md §15). A deleted one can be read and nothing else. */
final class TunnelChanges {
    static final String KIND = "tunnel";

    /** What connectors do is no admin's change. */
    private static final Set<String> NOT_AUDITED =
            Set.of("connections", "conns_active_at", "conns_inactive_at", "status", "metadata");

    private final Transactions transactions;
    private final TunnelRepository tunnels;
    private final TunnelViews views;
    private final LiveTunnels live;
    private final HostnameClaims claims;
    private final KeyWrapper wrapper;
    private final EntityManager entities;
    private final AdminAudit audit;
    private final InstantSource clock;

    TunnelChanges(
            Transactions transactions,
            TunnelRepository tunnels,
            TunnelViews views,
            LiveTunnels live,
            HostnameClaims claims,
            KeyWrapper wrapper,
            EntityManager entities,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.tunnels = tunnels;
        this.views = views;
        this.live = live;
        this.claims = claims;
        this.wrapper = wrapper;
        this.entities = entities;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> {
            Optional<String> status = query.text("status");
            if (status.isEmpty()) {
                Paged<TunnelRow> page = Filters.page(tunnels, TunnelFilters.of(query), query.paging());
                return new Paged<>(page.paging(), views.all(page.items()), page.total());
            }
            String wanted = query.oneOf("status", "", "inactive", "degraded", "healthy", "down");
            List<TunnelRow> rows = tunnels.findAll(TunnelFilters.of(query), Filters.BY_AGE);
            return Paged.cut(
                    query.paging(),
                    views.all(rows).stream()
                            .filter(view -> view.path("status").stringValue().equals(wanted))
                            .toList());
        });
    }

    /** A deleted one too. */
    ObjectNode get(UUID id) {
        return transactions.read(() -> views.of(any(id)));
    }

    String token(UUID id) {
        return transactions.read(() -> views.token(living(id)));
    }

    List<ObjectNode> connectors(UUID id) {
        return transactions.read(() -> live.connectors(any(id).id()));
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
            UUID tunnel = any(id).id();
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
            requireFreeName(name, Optional.empty());
            UUID id = UUID.randomUUID();
            TunnelRow row = tunnels.saveAndFlush(new TunnelRow(
                    id, name, draft.configSrc().orElse("local"), wrap(id, draft.secretOrRandom()), clock.instant()));
            audit.record(call, "create", KIND, id.toString(), null, audited(row));
            return views.created(row);
        });
    }

    /** What is absent stays. A new secret is the only one that opens new connections; those that are open stay (TU-03). */
    ObjectNode merge(AdminCall call, UUID id, Fields fields) {
        TunnelDraft draft = TunnelDraft.read(fields);
        return transactions.write(() -> {
            TunnelRow row = living(id);
            ObjectNode before = audited(row);
            call.requireMatch(views.of(row));
            draft.name().ifPresent(name -> requireFreeName(name, Optional.of(id)));
            row.change(
                    draft.name().orElse(row.name()),
                    draft.configSrc().orElse(row.configSrc()),
                    draft.secret().map(secret -> wrap(id, secret)).orElse(row.secret()),
                    clock.instant());
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
                        "the tunnel has active connections: stop its connectors, or delete it with cascade=true");
            }
        });
    }

    /** Connections end with it. */
    ObjectNode deleteWithConnections(AdminCall call, UUID id) {
        return delete(call, id, () -> {});
    }

    private ObjectNode delete(AdminCall call, UUID id, Runnable objection) {
        return transactions.write(() -> {
            TunnelRow row = living(id);
            ObjectNode before = audited(row);
            call.requireMatch(views.of(row));
            objection.run();
            row.delete(clock.instant());
            entities.flush();
            claims.releaseAll(id);
            live.drop(id, Optional.empty(), "the tunnel was deleted");
            entities.refresh(row);
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return views.of(row);
        });
    }

    /** Ends the connections of one connector or of all; connectors that still run come back with the present secret. */
    void drop(AdminCall call, UUID id, Optional<UUID> client) {
        transactions.write(() -> {
            TunnelRow row = any(id);
            int dropped = live.drop(id, client, "dropped by an admin");
            ObjectNode what = JsonNodeFactory.instance.objectNode().put("connections", dropped);
            client.ifPresent(one -> what.put("client_id", one.toString()));
            audit.record(call, "drop_connections", KIND, row.id().toString(), what, null);
            return what;
        });
    }

    /** A tunnel that is not deleted. */
    TunnelRow living(UUID id) {
        TunnelRow row = any(id);
        if (row.deletedAt() != null) {
            throw ApiProblem.noSuchTunnel();
        }
        return row;
    }

    TunnelRow any(UUID id) {
        return tunnels.findById(id).orElseThrow(ApiProblem::noSuchTunnel);
    }

    private void requireFreeName(String name, Optional<UUID> except) {
        tunnels.findByNameAndDeletedAtIsNull(name)
                .filter(holder -> !Optional.of(holder.id()).equals(except))
                .ifPresent(holder -> {
                    throw ApiProblem.tunnelExists(name);
                });
    }

    private byte[] wrap(UUID id, byte[] secret) {
        return wrapper.wrap(TunnelRow.secretRecord(id), secret);
    }

    private ObjectNode audited(TunnelRow row) {
        return views.of(row).remove(NOT_AUDITED);
    }
}
