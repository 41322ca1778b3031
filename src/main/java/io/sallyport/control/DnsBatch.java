package io.sallyport.control;

import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Several changes of DNS records as one: all are made or none. Deletions come first, then what is merged, replaced and made, in this
 * order, whatever the order in the body; so a name can be freed and taken in one call.
 */
final class DnsBatch {
    private static final int MOST = 1000;
    private static final String ID = "id";

    private final Transactions transactions;
    private final DnsRecordChanges records;

    DnsBatch(Transactions transactions, DnsRecordChanges records) {
        this.transactions = transactions;
        this.records = records;
    }

    /** One change; answers with the record, the last time where it goes. */
    private interface Change {
        ObjectNode make(Fields entry);
    }

    ObjectNode make(AdminCall call, ZoneDomain zone, Fields body) {
        AdminCall unconditional = call.unconditional();
        return transactions.write(() -> {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            each(body, "deletes", result, entry -> {
                UUID id = id(entry);
                ObjectNode gone = records.get(zone, id);
                records.delete(unconditional, zone, id);
                return gone;
            });
            each(body, "patches", result, entry -> records.merge(unconditional, zone, id(entry), content(entry)));
            each(body, "puts", result, entry -> records.replace(unconditional, zone, id(entry), content(entry)));
            each(body, "posts", result, entry -> records.create(unconditional, zone, content(entry)));
            return result;
        });
    }

    private static void each(Fields body, String name, ObjectNode result, Change change) {
        ArrayNode done = result.putArray(name);
        List<Fields> entries = body.objects(name, MOST);
        for (Fields entry : entries) {
            try {
                done.add(change.make(entry));
            } catch (ApiProblem problem) {
                throw problem.at(entry.pointer());
            }
        }
    }

    private static UUID id(Fields entry) {
        return entry.line(ID, 100).flatMap(Ids::parseCompact).orElseThrow(ApiProblem::noSuchRecord);
    }

    /** The record alone, whose members are named from its own beginning. */
    private static Fields content(Fields entry) {
        return Fields.of(entry.json().deepCopy().remove(List.of(ID)));
    }
}
