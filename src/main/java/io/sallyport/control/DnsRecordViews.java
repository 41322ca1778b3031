package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRow;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** DNS records as the API shows them. */
final class DnsRecordViews {
    /** Says of an alias whether the DNS server was told. */
    private static final String STATE = "dns_update";

    private final DnsUpdates updates;

    DnsRecordViews(DnsUpdates updates) {
        this.updates = updates;
    }

    /** A record alone, as the trail of changes keeps it. */
    static ObjectNode of(DnsRecordRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", Ids.compact(row.id()))
                .put("proxied", false)
                .put("ttl", 1);
        view.putNull("comment");
        view.putArray("tags");
        view.putObject("settings");
        view.put("proxiable", DnsRecordDraft.isOfHost(row.type()));
        view.putObject("meta");
        row.body()
                .properties()
                .forEach(member -> view.set(member.getKey(), member.getValue().deepCopy()));
        view.put("type", row.type());
        view.set("created_on", ApiTimes.node(row.createdAt()));
        view.set("modified_on", ApiTimes.node(row.updatedAt()));
        return view;
    }

    /** A record with the state of its alias. */
    ObjectNode withState(DnsRecordRow row) {
        return withState(row, updates.pending(List.of(row.name())));
    }

    /** The same of many, with one query. */
    Paged<ObjectNode> withState(Paged<DnsRecordRow> page) {
        Map<String, String> pending =
                updates.pending(page.items().stream().map(DnsRecordRow::name).toList());
        return page.map(row -> withState(row, pending));
    }

    private ObjectNode withState(DnsRecordRow row, Map<String, String> pending) {
        ObjectNode view = of(row);
        if (row.type().equals(DnsRecordDraft.ALIAS) && updates.covers(row.name())) {
            String error = pending.get(row.name());
            view.withObject("meta").put(STATE, error == null ? "done" : "pending: " + error);
        }
        return view;
    }

    /**
     * What {@code tunnel route dns} is told.
     *
     * @param how {@code new}, {@code updated} or {@code unchanged}
     * @param record with its state
     */
    static ObjectNode routed(String hostname, String how, ObjectNode record) {
        ObjectNode routed = JsonNodeFactory.instance
                .objectNode()
                .put("cname", how)
                .put("name", hostname)
                .put("dns_tag", record.path("id").stringValue());
        JsonNode state = record.path("meta").path(STATE);
        if (!state.isMissingNode()) {
            routed.set(STATE, state);
        }
        return routed;
    }
}
