package io.sallyport.snapshot;

import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.json.PolicyJson;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/** Caches parsed policies by the row they were parsed from. Thread-safe. */
final class ParsedPolicies {
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();

    private record Known(Rows.Policy row, PolicySpec spec) {}

    /** Whether this row is not cached. */
    boolean lacks(Rows.Policy row) {
        Known before = known.get(row.id());
        return before == null || !before.row().equals(row);
    }

    /**
     * The policy of this row.
     *
     * @throws PolicyProblem naming the member at fault
     */
    PolicySpec of(Rows.Policy row) {
        Known before = known.get(row.id());
        if (before != null && before.row().equals(row)) {
            return before.spec();
        }
        // A constraint of the column allows objects only.
        ObjectNode body = ((ObjectNode) Json.parse(row.body()).node())
                .put("name", row.name())
                .put("decision", row.decision());
        PolicySpec spec = PolicyJson.policy(new PolicyId(row.id()), body);
        known.put(row.id(), new Known(row, spec));
        return spec;
    }

    /** Drops deleted policies. */
    void retain(Set<UUID> policies) {
        known.keySet().retainAll(policies);
    }
}
