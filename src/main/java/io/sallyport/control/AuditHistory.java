package io.sallyport.control;

import io.sallyport.audit.AuditTrail;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Shows the trail of admin changes, newest first. There is no way to change it. */
final class AuditHistory {
    private final Transactions transactions;
    private final AuditTrail trail;

    AuditHistory(Transactions transactions, AuditTrail trail) {
        this.transactions = transactions;
        this.trail = trail;
    }

    /** Filters {@code since}, {@code until}, {@code actor}, {@code action}, {@code resource_kind}, {@code resource_id}. */
    Paged<ObjectNode> list(Query query) {
        AuditTrail.Filter filter = new AuditTrail.Filter(
                query.instant("since").orElse(null),
                query.instant("until").orElse(null),
                query.text("actor").orElse(null),
                query.text("action").orElse(null),
                query.text("resource_kind").orElse(null),
                query.text("resource_id").orElse(null));
        Paging paging = query.paging();
        return transactions.read(() -> {
            List<AuditTrail.Entry> page = trail.find(filter, paging.perPage(), paging.offset());
            return new Paged<>(paging, page, trail.count(filter)).map(AuditHistory::view);
        });
    }

    private static ObjectNode view(AuditTrail.Entry entry) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", entry.id())
                .put("position", entry.position())
                .put("at", ApiTimes.text(entry.at()))
                .put("actor", entry.actor().name())
                .put("source_ip", entry.actor().sourceIp())
                .put("ray_id", entry.actor().ray())
                .put("action", entry.change().action())
                .put("resource_kind", entry.change().resourceKind())
                .put("resource_id", entry.change().resourceId());
        JsonNode before = entry.change().before();
        JsonNode after = entry.change().after();
        view.set("before", before == null ? view.nullNode() : before);
        view.set("after", after == null ? view.nullNode() : after);
        return view;
    }
}
