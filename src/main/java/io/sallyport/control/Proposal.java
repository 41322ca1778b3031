package io.sallyport.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A proposed change: groups, policies and applications with bodies as for the API, each with the {@code id} of the
 * object it replaces or, if new, without one, and ids of objects to remove under {@code delete}; or a configuration
 * file under {@code configuration}. It is applied by the code of real changes, so it is refused for the same reasons.
 */
final class Proposal {
    private static final int MOST = 1000;
    private static final String FILE = "configuration";
    private static final List<String> SINGLE_CHANGES = List.of("groups", "policies", "applications", "delete");
    private static final Concerns.Need TO_COMPARE_A_FILE = new Concerns.Need(ResourceKind.CONFIGURATION, Access.READ);

    private final GroupChanges groups;
    private final PolicyChanges policies;
    private final ApplicationChanges applications;
    private final ConfigApply file;
    private final Transactions transactions;

    Proposal(
            GroupChanges groups,
            PolicyChanges policies,
            ApplicationChanges applications,
            ConfigApply file,
            Transactions transactions) {
        this.groups = groups;
        this.policies = policies;
        this.applications = applications;
        this.file = file;
        this.transactions = transactions;
    }

    /** Makes the change in the surrounding rehearsal. */
    void make(AdminCall call, Fields body) {
        body.object(FILE).ifPresentOrElse(whole -> makeFile(call, body, whole), () -> makeSingly(call, body));
    }

    private void makeFile(AdminCall call, Fields body, Fields whole) {
        call.permissions().require(TO_COMPARE_A_FILE);
        for (String change : SINGLE_CHANGES) {
            if (body.has(change)) {
                throw body.invalid(change, "cannot be beside " + FILE + ", which says all of it");
            }
        }
        try {
            file.makeOnStage(call, whole.json());
        } catch (ApiProblem problem) {
            throw problem.at(whole.pointer());
        }
    }

    private void makeSingly(AdminCall call, Fields body) {
        AdminCall unconditional = call.unconditional();
        each(body, "groups", (id, fields) -> {
            if (id.isPresent()) {
                groups.replace(unconditional, id.get(), fields);
            } else {
                groups.create(unconditional, fields);
            }
        });
        each(body, "policies", (id, fields) -> {
            if (id.isPresent()) {
                policies.replace(unconditional, id.get(), fields);
            } else {
                policies.create(unconditional, fields);
            }
        });
        each(body, "applications", (id, fields) -> {
            if (id.isPresent()) {
                applications.replace(unconditional, id.get().toString(), fields);
            } else {
                applications.create(unconditional, fields);
            }
        });
        body.object("delete").ifPresent(gone -> {
            eachId(gone, "applications", id -> applications.delete(unconditional, id.toString()));
            eachId(gone, "policies", id -> policies.delete(unconditional, id));
            eachId(gone, "groups", id -> groups.delete(unconditional, id));
        });
    }

    private void eachId(Fields gone, String name, Consumer<UUID> delete) {
        for (UUID id : gone.uuids(name, MOST)) {
            transactions.requireTimeLeft();
            delete.accept(id);
        }
    }

    private interface Change {
        void make(Optional<UUID> id, Fields fields);
    }

    private void each(Fields body, String name, Change change) {
        List<Fields> entries = new ArrayList<>(body.objects(name, MOST));
        for (int i = 0; i < entries.size(); i++) {
            transactions.requireTimeLeft();
            Fields entry = entries.get(i);
            Optional<UUID> id = entry.uuid("id");
            try {
                change.make(id, Fields.of((ObjectNode) ((JsonNode) entry.json()).deepCopy()));
            } catch (ApiProblem problem) {
                throw problem.at(entry.pointer());
            }
        }
    }
}
