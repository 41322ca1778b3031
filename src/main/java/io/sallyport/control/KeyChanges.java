package io.sallyport.control;

import io.sallyport.snapshot.SigningKeys;
import io.sallyport.token.KeyRotation;
import java.util.function.Supplier;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes when the signing keys rotate, and rotates them. */
final class KeyChanges {
    static final String INTERVAL = "key_rotation_interval_days";

    private static final String KIND = "keys";

    private final Transactions transactions;
    private final SigningKeys keys;
    private final AdminAudit audit;

    KeyChanges(Transactions transactions, SigningKeys keys, AdminAudit audit) {
        this.transactions = transactions;
        this.keys = keys;
        this.audit = audit;
    }

    ObjectNode get() {
        return transactions.read(() -> view(keys.status()));
    }

    ObjectNode setInterval(AdminCall call, Fields body) {
        int days = body.integer(INTERVAL, KeyRotation.SHORTEST_INTERVAL_DAYS, KeyRotation.LONGEST_INTERVAL_DAYS)
                .orElseThrow(() -> body.invalid(INTERVAL, "is required"));
        return change(call, "replace", () -> keys.setInterval(days));
    }

    /** @param atOnce after a compromise: no key stays, nor anything that one signed (JW-02) */
    ObjectNode rotate(AdminCall call, boolean atOnce) {
        return change(call, atOnce ? "rotate_at_once" : "rotate", () -> atOnce ? keys.rotateAtOnce() : keys.rotate());
    }

    private ObjectNode change(AdminCall call, String action, Supplier<KeyRotation.Status> change) {
        return transactions.write(() -> {
            ObjectNode before = view(keys.status());
            call.requireMatch(before);
            ObjectNode after = view(change.get());
            audit.record(call, action, KIND, KIND, before, after);
            return after;
        });
    }

    private static ObjectNode view(KeyRotation.Status status) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put(INTERVAL, status.keyRotationIntervalDays())
                .put("days_until_next_rotation", status.daysUntilNextRotation());
        view.set("last_key_rotation_at", ApiTimes.node(status.lastKeyRotationAt()));
        return view;
    }
}
