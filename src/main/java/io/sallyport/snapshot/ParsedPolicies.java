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

/** Policies by exactly the row they were parsed from: while it is the same, they are. Thread-safe. */
final class ParsedPolicies {
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();

    private record Known(Rows.Policy row, PolicySpec spec) {}

    /** Whether this row would have to be parsed. */
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
        // The database lets nothing but objects into the column.
        ObjectNode body = ((ObjectNode) Json.parse(row.body()).node())
                .put("name", row.name())
                .put("decision", row.decision());
        PolicySpec spec = PolicyJson.policy(new PolicyId(row.id()), body);
        known.put(row.id(), new Known(row, spec));
        return spec;
    }

    /** Forgets policies that are gone. */
    void retain(Set<UUID> policies) {
        known.keySet().retainAll(policies);
    }
}
