package io.sallyport.control;

import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.catalog.AdminTokenRow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes, changes and ends tokens of this API (AD-10). A token cannot create, change or end a token with more
 * permissions than its own, or give one a longer life, and the last credential with all permissions cannot be ended (AD-09).
 */
final class AdminTokenChanges {
    private static final String KIND = "api_token";
    private static final Set<String> ROLES = Set.of("owner", "editor", "auditor");

    private final Transactions transactions;
    private final AuditedRows<AdminTokenRow> rows;
    private final AdminTokenRepository tokens;
    private final AdminTokens door;
    private final AdminAudit audit;
    private final InstantSource clock;

    AdminTokenChanges(
            Transactions transactions,
            AdminTokenRepository tokens,
            AdminTokens door,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, AdminTokenRow::id, this::view);
        this.tokens = tokens;
        this.door = door;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> Filters.page(
                        tokens,
                        Filters.<AdminTokenRow>byName(query).and(Filters.is("role", query.text("role"))),
                        query.paging())
                .map(this::view));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    /** The answer carries the token, once. */
    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        Permissions wanted = Permissions.read(
                role(fields).orElseThrow(() -> fields.invalid("role", "is required")), fields.object("scopes"));
        Optional<Instant> end = end(fields);
        requireNoLongerLife(call, end.orElse(null));
        ShownOnceSecret secret = ShownOnceSecret.random(ShownOnceSecret.ADMIN_TOKEN);
        requireCovered(call, wanted);
        ObjectNode made = rows.create(
                call,
                () -> tokens.save(new AdminTokenRow(
                        UUID.randomUUID(),
                        name,
                        secret.hash(),
                        wanted.role().word(),
                        wanted.scopesJson(),
                        end.orElse(null),
                        clock.instant())));
        return made.put("token", secret.revealOnce());
    }

    /** Merges: absent members keep their value, {@code null} removes the scopes or the expiry. */
    ObjectNode merge(AdminCall call, UUID id, Fields fields) {
        Optional<String> name = fields.line("name", Limits.NAME);
        Optional<AdminRole> role = role(fields);
        Optional<Fields> scopes = fields.object("scopes");
        Optional<Instant> end = end(fields);
        return rows.change(call, "replace", () -> findOwn(call, id), row -> {
            Permissions present = permissions(row);
            AdminRole newRole = role.orElse(present.role());
            Permissions wanted = fields.mentions("scopes")
                    ? Permissions.read(newRole, scopes)
                    : new Permissions(newRole, present.scopes());
            requireCovered(call, wanted);
            if (fields.mentions("expires_at")) {
                requireNoLongerLife(call, end.orElse(null));
            }
            row.change(
                    name.orElse(row.name()),
                    wanted.role().word(),
                    wanted.scopesJson(),
                    fields.mentions("expires_at") ? end.orElse(null) : row.expiresAt(),
                    clock.instant());
            requireOneFull();
        });
    }

    /** A new token for the same holder; the old one ends now. */
    ObjectNode rotate(AdminCall call, UUID id) {
        ShownOnceSecret secret = ShownOnceSecret.random(ShownOnceSecret.ADMIN_TOKEN);
        ObjectNode rotated = rows.change(call, "rotate", () -> findOwn(call, id), row -> {
            if (!row.valid(clock.instant())) {
                throw ApiProblem.conflict("the token has ended; make a new one");
            }
            requireNoLongerLife(call, row.expiresAt());
            row.rotate(secret.hash(), clock.instant());
        });
        return rotated.put("token", secret.revealOnce());
    }

    /** Ends it for good; it stays in the list. */
    ObjectNode revoke(AdminCall call, UUID id) {
        return rows.change(call, "revoke", () -> findOwn(call, id), row -> {
            if (row.revokedAt() == null) {
                row.revoke(clock.instant());
            }
            requireOneFull();
        });
    }

    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> findOwn(call, id), row -> {
            tokens.delete(row);
            tokens.flush();
            requireOneFull();
        });
    }

    /** Ends the bootstrap token, once there is an owner to follow it. */
    ObjectNode retireBootstrap(AdminCall call) {
        requireCovered(call, Permissions.full());
        return transactions.write(() -> {
            door.retireBootstrap(clock.instant());
            requireOneFull();
            audit.record(call, "retire", KIND, "bootstrap", null, null);
            return JsonNodeFactory.instance.objectNode().put("status", "retired");
        });
    }

    private static Optional<AdminRole> role(Fields fields) {
        return fields.oneOf("role", ROLES).flatMap(AdminRole::of);
    }

    private Optional<Instant> end(Fields fields) {
        Optional<Instant> end = fields.instant("expires_at");
        if (end.isPresent() && !end.get().isAfter(clock.instant())) {
            throw fields.invalid("expires_at", "must lie in the future");
        }
        return end;
    }

    private static void requireCovered(AdminCall call, Permissions wanted) {
        if (!call.permissions().covers(wanted)) {
            throw ApiProblem.beyondOwnPermissions();
        }
    }

    /**
     * What a token hands out, or takes over by rotating, ends no later than it does itself: an end would mean nothing to a token that
     * may prolong itself. An owner without scopes is free, who has to make a successor before the last one ends.
     */
    private static void requireNoLongerLife(AdminCall call, @Nullable Instant end) {
        Instant own = call.holder().expiresAt();
        if (own != null && !call.permissions().isFull() && (end == null || end.isAfter(own))) {
            throw ApiProblem.beyondOwnLife(own);
        }
    }

    private void requireOneFull() {
        Instant now = clock.instant();
        boolean one = !door.bootstrapRetired()
                || tokens.findAll().stream()
                        .anyMatch(row -> row.valid(now) && permissions(row).isFull());
        if (!one) {
            throw ApiProblem.conflict("this is the last credential that may do everything; make another first");
        }
    }

    private AdminTokenRow findOwn(AdminCall call, UUID id) {
        AdminTokenRow row = find(id);
        requireCovered(call, permissions(row));
        return row;
    }

    private AdminTokenRow find(UUID id) {
        return tokens.findById(id).orElseThrow(ApiProblem::notFound);
    }

    /** The permissions of a stored token; an unknown role has none. */
    private static Permissions permissions(AdminTokenRow row) {
        return Permissions.stored(row.role(), row.scopes())
                .orElseGet(() -> new Permissions(AdminRole.AUDITOR, Map.of()));
    }

    private ObjectNode view(AdminTokenRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("name", row.name())
                .put("role", row.role())
                .put("status", status(row));
        view.set("scopes", row.scopes() == null ? view.nullNode() : row.scopes());
        view.set("expires_at", ApiTimes.node(row.expiresAt()));
        view.set("revoked_at", ApiTimes.node(row.revokedAt()));
        view.set("last_used_at", ApiTimes.node(row.lastUsedAt()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }

    private String status(AdminTokenRow row) {
        if (row.revokedAt() != null) {
            return "revoked";
        }
        return row.valid(clock.instant()) ? "active" : "expired";
    }
}
