package io.sallyport.control;

import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes reusable policies. */
final class PolicyChanges {
    private static final String KIND = "policy";

    private final Transactions transactions;
    private final AuditedRows<PolicyRow> rows;
    private final PolicyRepository policies;
    private final PolicyLinks links;
    private final PolicyCheck check;
    private final References references;
    private final AccountScope scope;
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
        this.rows = new AuditedRows<>(KIND, transactions, audit, PolicyRow::id, this::view);
        this.policies = policies;
        this.links = links;
        this.check = check;
        this.references = references;
        this.scope = scope;
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
        return rows.create(call, () -> {
            UUID id = UUID.randomUUID();
            check.check(id, draft);
            return policies.save(
                    new PolicyRow(id, null, draft.name(), draft.action().apiName(), draft.body(), clock.instant()));
        });
    }

    /** Changes every application that uses the policy at once. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        PolicyDraft draft = PolicyDraft.read(fields);
        return rows.change(call, "replace", () -> find(id), row -> {
            check.check(id, draft);
            Instant now = clock.instant();
            row.change(draft.name(), draft.action().apiName(), draft.body(), now);
        });
    }

    /** Refused while an application uses it. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            references.refuseIfAttached(id);
            policies.delete(row);
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
