package io.sallyport.control;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates, changes and deletes rows of one kind of resource: each in one transaction, with the check of {@code
 * If-Match} (AD-07) and an audit record of the object before and after (AD-06).
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
     * @param kind its name in the audit trail
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

    /** Creates a row and returns its view. */
    ObjectNode create(AdminCall call, Supplier<R> make) {
        return transactions.write(() -> {
            R row = make.get();
            ObjectNode after = view.apply(row);
            audit.record(call, "create", kind, id.apply(row).toString(), null, after);
            return after;
        });
    }

    /**
     * Changes a row and returns its new view.
     *
     * @param action the change's name in the audit trail
     * @param find finds the row; throws when it does not exist or the caller may not change it
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

    /** Deletes a row and returns its last view. */
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
