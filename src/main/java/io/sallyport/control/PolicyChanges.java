package io.sallyport.control;

import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes reusable policies (spec/rest-api.md §4). */
final class PolicyChanges {
    private static final String KIND = "policy";

    private final Transactions transactions;
    private final PolicyRepository policies;
    private final PolicyLinks links;
    private final PolicyCheck check;
    private final References references;
    private final AccountScope scope;
    private final AdminAudit audit;
    private final InstantSource clock;

    PolicyChanges(
            Transactions transactions,
            PolicyRepository policies,
            PolicyLinks links,
            PolicyCheck check,
            References references,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.policies = policies;
        this.links = links;
        this.check = check;
        this.references = references;
        this.scope = scope;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        Specification<PolicyRow> reusable = (root, criteria, builder) -> builder.isTrue(root.get("reusable"));
        return transactions.read(() -> {
            var counts = links.useCounts();
            return Filters.page(policies, reusable.and(Filters.byName(query)), query.paging())
                    .map(row -> PolicyViews.reusable(row, scope.account().id(), counts.getOrDefault(row.id(), 0)));
        });
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        PolicyDraft draft = PolicyDraft.read(fields);
        return transactions.write(() -> {
            UUID id = UUID.randomUUID();
            check.check(id, draft);
            PolicyRow row = policies.save(
                    new PolicyRow(id, null, draft.name(), draft.action().apiName(), draft.body(), clock.instant()));
            ObjectNode after = view(row);
            audit.record(call, "create", KIND, id.toString(), null, after);
            return after;
        });
    }

    /** Changes every application that uses the policy at once. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        PolicyDraft draft = PolicyDraft.read(fields);
        return transactions.write(() -> {
            PolicyRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            check.check(id, draft);
            Instant now = clock.instant();
            row.change(draft.name(), draft.action().apiName(), draft.body(), now);
            ObjectNode after = view(row);
            audit.record(call, "replace", KIND, id.toString(), before, after);
            return after;
        });
    }

    /** Refused while an application uses it (§18). */
    void delete(AdminCall call, UUID id) {
        transactions.write(() -> {
            PolicyRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            references.refuseIfAttached(id);
            policies.delete(row);
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return before;
        });
    }

    private PolicyRow find(UUID id) {
        return policies.findById(id).filter(PolicyRow::reusable).orElseThrow(ApiProblem::notFound);
    }

    private ObjectNode view(PolicyRow row) {
        return PolicyViews.reusable(
                row, scope.account().id(), links.users(row.id()).size());
    }
}
