package io.sallyport.control;

import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.GroupRow;
import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes Access groups. */
final class GroupChanges {
    private static final String KIND = "group";

    /** Members with a column of their own, and those only the server writes. */
    private static final Set<String> NOT_IN_BODY =
            Set.of("id", "uid", "created_at", "updated_at", "name", "include", "exclude", "require", "is_default");

    /** A group as a request describes it. */
    private record Draft(String name, Rules rules, ObjectNode body) {
        static Draft read(Fields fields) {
            String name = fields.requiredLine("name", Limits.NAME);
            Rules rules = Rules.read(fields);
            ObjectNode body = fields.keptExcept(NOT_IN_BODY);
            rules.writeTo(body);
            if (fields.isSet("is_default")) {
                body.put("is_default", true);
            }
            return new Draft(name, rules, body);
        }
    }

    private final Transactions transactions;
    private final AuditedRows<GroupRow> rows;
    private final GroupRepository groups;
    private final References references;
    private final InstantSource clock;

    GroupChanges(
            Transactions transactions,
            GroupRepository groups,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, GroupRow::id, GroupChanges::view);
        this.groups = groups;
        this.references = references;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() ->
                Filters.page(groups, Filters.byName(query), query.paging()).map(GroupChanges::view));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Draft draft = Draft.read(fields);
        return rows.create(call, () -> {
            references.requireKnown(draft.rules().placed(""));
            return groups.save(new GroupRow(UUID.randomUUID(), draft.name(), draft.body(), clock.instant()));
        });
    }

    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        Draft draft = Draft.read(fields);
        return rows.change(call, "replace", () -> find(id), row -> {
            references.requireKnown(draft.rules().placed(""));
            references.refuseCircle(id, draft.rules().placed(""));
            row.change(draft.name(), draft.body(), clock.instant());
        });
    }

    /** Refused while a policy or group names it. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            references.refuseIfNamed(id);
            groups.delete(row);
        });
    }

    private GroupRow find(UUID id) {
        return groups.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode view(GroupRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("name", row.name());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
