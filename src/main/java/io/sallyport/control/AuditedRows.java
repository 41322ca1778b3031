package io.sallyport.control;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of one kind of resource, as admins make, change and remove them: each in one write, compared with the state that the call is
 * conditional on (AD-07), and recorded as a read would have shown it before and shows it after (AD-06).
 */
final class AuditedRows<R> {
    private final String kind;
    private final Transactions transactions;
    private final AdminAudit audit;
    private final Function<R, UUID> id;
    private final Function<R, ObjectNode> view;

    /**
     * Rows of a kind.
     *
     * @param kind as the audit trail calls it
     * @param view a row as the API shows it, without secrets
     */
    AuditedRows(
            String kind,
            Transactions transactions,
            AdminAudit audit,
            Function<R, UUID> id,
            Function<R, ObjectNode> view) {
        this.kind = kind;
        this.transactions = transactions;
        this.audit = audit;
        this.id = id;
        this.view = view;
    }

    /** Makes a row; answers with what it looks like. */
    ObjectNode create(AdminCall call, Supplier<R> make) {
        return transactions.write(() -> {
            R row = make.get();
            ObjectNode after = view.apply(row);
            audit.record(call, "create", kind, id.apply(row).toString(), null, after);
            return after;
        });
    }

    /**
     * Changes a row; answers with what it looks like then.
     *
     * @param action what the change is called in the audit trail
     * @param find refuses what is not there, or not the caller's to change
     */
    ObjectNode change(AdminCall call, String action, Supplier<R> find, Consumer<R> change) {
        return transactions.write(() -> {
            R row = find.get();
            ObjectNode before = view.apply(row);
            call.requireMatch(before);
            change.accept(row);
            ObjectNode after = view.apply(row);
            audit.record(call, action, kind, id.apply(row).toString(), before, after);
            return after;
        });
    }

    /** Removes a row; answers with what it looked like. */
    ObjectNode delete(AdminCall call, Supplier<R> find, Consumer<R> remove) {
        return transactions.write(() -> {
            R row = find.get();
            ObjectNode before = view.apply(row);
            call.requireMatch(before);
            remove.accept(row);
            audit.record(call, "delete", kind, id.apply(row).toString(), before, null);
            return before;
        });
    }
}
