package io.sallyport.snapshot;

import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicySpec;
import java.util.List;

/** Compiles policies that belong to no application against the stored groups and lists, to test them. */
public final class PolicyTrial {
    private PolicyTrial() {}

    /**
     * Compiles them in this order.
     *
     * @throws io.sallyport.policy.PolicyProblem naming the policy at fault
     */
    public static CompiledPolicy compile(Rows rows, List<PolicySpec> policies) {
        return new PolicyBasis(rows).compile(policies);
    }
}
