package io.sallyport.control;

import io.sallyport.audit.AuditTrail;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Records admin changes in the transaction of the change (AD-06). Before and after are what a read would have returned,
 * and reads hold no secrets, so the trail holds none either (AD-05).
 */
final class AdminAudit {
    private final AuditTrail trail;

    AdminAudit(AuditTrail trail) {
        this.trail = trail;
    }

    /**
     * Records one change.
     *
     * @param action {@code create}, {@code replace}, {@code delete}, {@code rotate}, …
     * @param before the object before; null when it is new
     * @param after the object after; null when it was deleted
     */
    void record(
            AdminCall call,
            String action,
            String kind,
            String id,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {
        record(new AuditTrail.Actor(call.actor(), call.source(), call.ray()), action, kind, id, before, after);
    }

    /** The same of a change that no call makes. */
    void record(
            AuditTrail.Actor actor,
            String action,
            String kind,
            String id,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {
        trail.record(actor, new AuditTrail.Change(action, kind, id, before, after));
    }
}
