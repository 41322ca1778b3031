package io.sallyport.control;

import io.sallyport.catalog.PolicyRow;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes the policies of one application, seen from the application. */
final class AppPolicyChanges {
    private static final String KIND = "policy";

    private final Transactions transactions;
    private final StoredApplications applications;
    private final ApplicationViews views;
    private final PolicyAttachments attachments;
    private final AdminAudit audit;
    private final InstantSource clock;

    AppPolicyChanges(
            Transactions transactions,
            StoredApplications applications,
            ApplicationViews views,
            PolicyAttachments attachments,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.applications = applications;
        this.views = views;
        this.attachments = attachments;
        this.audit = audit;
        this.clock = clock;
    }

    /** Both kinds, in precedence order. */
    Paged<ObjectNode> list(String application, Query query) {
        return transactions.read(() -> Paged.cut(
                query.paging(), views.policiesOf(applications.find(application).id())));
    }

    ObjectNode get(String application, UUID policy) {
        return transactions.read(() -> view(applications.find(application).id(), policy));
    }

    /** Without a precedence the new policy is appended; with one, policies from there on move down. */
    ObjectNode create(AdminCall call, String application, Fields fields) {
        PolicyDraft draft = PolicyDraft.read(fields);
        Optional<Integer> precedence = PolicyAttachment.precedence(fields);
        return transactions.write(() -> {
            UUID app = applications.find(application).id();
            PolicyRow row = attachments.create(app, draft, clock.instant());
            attachments.place(app, row.id(), precedence);
            ObjectNode after = view(app, row.id());
            audit.record(call, "create", KIND, row.id().toString(), null, after);
            return after;
        });
    }

    /**
     * Refused for a reusable policy, which must be edited at its own path, because it affects other applications too.
     */
    ObjectNode replace(AdminCall call, String application, UUID policy, Fields fields) {
        PolicyDraft draft = PolicyDraft.read(fields);
        Optional<Integer> precedence = PolicyAttachment.precedence(fields);
        return transactions.write(() -> {
            UUID app = applications.find(application).id();
            ObjectNode before = view(app, policy);
            call.requireMatch(before);
            PolicyRow row = own(policy);
            attachments.change(row, draft, clock.instant());
            if (precedence.isPresent()) {
                attachments.place(app, policy, precedence);
            }
            ObjectNode after = view(app, policy);
            audit.record(call, "replace", KIND, policy.toString(), before, after);
            return after;
        });
    }

    /** Removes the application's own policy; a reusable one is only detached. */
    void delete(AdminCall call, String application, UUID policy) {
        transactions.write(() -> {
            UUID app = applications.find(application).id();
            ObjectNode before = view(app, policy);
            call.requireMatch(before);
            PolicyRow row = attachments.find(policy);
            attachments.detach(app, row);
            audit.record(call, row.reusable() ? "detach" : "delete", KIND, policy.toString(), before, null);
            return before;
        });
    }

    /** Turns the application's own policy into a reusable one. */
    ObjectNode makeReusable(AdminCall call, String application, UUID policy) {
        return transactions.write(() -> {
            UUID app = applications.find(application).id();
            ObjectNode before = view(app, policy);
            call.requireMatch(before);
            PolicyRow row = attachments.find(policy);
            if (!row.reusable()) {
                row.makeReusable(clock.instant());
            }
            ObjectNode after = view(app, policy);
            audit.record(call, "make_reusable", KIND, policy.toString(), before, after);
            return after;
        });
    }

    private PolicyRow own(UUID policy) {
        PolicyRow row = attachments.find(policy);
        if (row.reusable()) {
            throw ApiProblem.invalid("", "the policy is reusable; change it at access/policies/" + policy);
        }
        return row;
    }

    private ObjectNode view(UUID app, UUID policy) {
        String id = policy.toString();
        return views.policiesOf(app).stream()
                .filter(view -> view.get("id").stringValue().equals(id))
                .findFirst()
                .orElseThrow(ApiProblem::notFound);
    }
}
