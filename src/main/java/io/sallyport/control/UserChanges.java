package io.sallyport.control;

import io.sallyport.catalog.UserRepository;
import io.sallyport.catalog.UserRow;
import io.sallyport.identity.Email;
import io.sallyport.identity.UserId;
import io.sallyport.session.SessionLedger;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes people. They also come by signing in. */
final class UserChanges {
    private static final String KIND = "user";

    private final Transactions transactions;
    private final AuditedRows<UserRow> rows;
    private final UserRepository users;
    private final SessionLedger sessions;
    private final AdminAudit audit;
    private final InstantSource clock;

    UserChanges(
            Transactions transactions,
            UserRepository users,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, UserRow::id, UserChanges::view);
        this.users = users;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
    }

    /** Filters {@code email}, {@code name} and {@code search}, which looks at both. */
    Paged<ObjectNode> list(Query query) {
        Specification<UserRow> filter = Filters.<UserRow>contains("email", query.text("email"))
                .and(Filters.contains("name", query.text("name")))
                .and(Filters.<UserRow>contains("email", query.text("search"))
                        .or(Filters.contains("name", query.text("search"))));
        return transactions.read(
                () -> Filters.page(users, filter, query.paging()).map(UserChanges::view));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Email email = email(fields).orElseThrow(() -> fields.invalid("email", "is required"));
        Optional<String> name = fields.line("name", Limits.NAME);
        return rows.create(call, () -> {
            requireFree(email, Optional.empty());
            return users.save(new UserRow(UUID.randomUUID(), email.value(), name.orElse(null), clock.instant()));
        });
    }

    /** The person's tokens are re-issued at their next use, with the new address. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        Optional<Email> email = email(fields);
        Optional<String> name = fields.line("name", Limits.NAME);
        return rows.change(call, "replace", () -> find(id), row -> {
            email.ifPresent(wanted -> requireFree(wanted, Optional.of(id)));
            row.change(email.map(Email::value).orElse(row.email()), name.orElse(null), clock.instant());
            sessions.refreshUser(new UserId(id));
        });
    }

    /** Ends the person's sessions too; who comes back gets a new id. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            sessions.revokeUser(new UserId(id));
            users.delete(row);
        });
    }

    /** Ends every session of a person; false when nobody has the address. */
    boolean revoke(AdminCall call, Fields fields) {
        Optional<Email> email = email(fields);
        Optional<UUID> uid = fields.uuid("user_uid");
        if (email.isEmpty() && uid.isEmpty()) {
            throw fields.invalid("email", "is required");
        }
        fields.flag("devices");
        fields.flag("warp_session_reauth");
        return transactions.write(() -> {
            Optional<UserRow> row =
                    email.isPresent() ? users.findByEmail(email.get().value()) : uid.flatMap(users::findById);
            row.ifPresent(person -> {
                sessions.revokeUser(new UserId(person.id()));
                audit.record(call, "revoke", KIND, person.id().toString(), null, null);
            });
            return row.isPresent();
        });
    }

    /** The person with this id. */
    UserRow find(UUID id) {
        return users.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private void requireFree(Email email, Optional<UUID> except) {
        Optional<UserRow> holder = users.findByEmail(email.value());
        if (holder.isPresent() && !holder.map(UserRow::id).equals(except)) {
            throw ApiProblem.conflict("another user has this email");
        }
    }

    private static Optional<Email> email(Fields fields) {
        return fields.line("email", 254)
                .map(text -> Email.parse(text.strip().toLowerCase(Locale.ROOT))
                        .orElseThrow(() -> fields.invalid("email", "must be an e-mail address")));
    }

    /** There are no seats here; the members stay for clients that read them. */
    private static ObjectNode view(UserRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("email", row.email())
                .put("name", row.name())
                .put("access_seat", true)
                .put("gateway_seat", false)
                .put("seat_uid", row.id().toString())
                .put("active_device_count", 0);
        view.set("last_successful_login", ApiTimes.node(row.lastSuccessfulLogin()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
