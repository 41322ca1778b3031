package io.sallyport.policy;

import io.sallyport.identity.PolicyId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision with its explanation.
 *
 * @param decision what {@link CompiledPolicy#decide} answers
 * @param policies all policies, in order of evaluation
 * @param rehearsed the decision if report-only policies were enforced; null when there are none
 */
public record Explanation(
        Decision decision, List<Policy> policies, @Nullable Decision rehearsed) {
    /** Copies the list. */
    public Explanation {
        policies = List.copyOf(policies);
    }

    /** What a policy did to the request. */
    public enum Effect {
        /** It matched and lets the request in. */
        ADMITS,
        /** It matched, or its undecided facts count as a match, and it refuses. */
        REFUSES,
        /** It could match after a login. */
        ASKS_FOR_LOGIN,
        /** It did not match. */
        NONE,
        /** An earlier one had decided. */
        NOT_REACHED
    }

    /**
     * One policy.
     *
     * @param reportOnly whether it is evaluated and not enforced; the effect is then hypothetical
     * @param truth of the whole policy; undecided includes facts that only a login can provide
     */
    public record Policy(
            PolicyId id,
            String name,
            PolicyAction action,
            boolean reportOnly,
            Effect effect,
            Truth truth,
            List<Rule> include,
            List<Rule> exclude,
            List<Rule> require) {}

    /**
     * One rule.
     *
     * @param pointer JSON pointer into its policy, or into its group when it stands inside one
     * @param seen the attribute value it looked at; null when there was none, or when only its truth is known
     * @param group the name of the Access group it asks, null for other selectors
     * @param rules of that group, the first time it occurs in the policy
     */
    public record Rule(
            String pointer,
            Selector selector,
            Truth truth,
            @Nullable String seen,
            @Nullable String group,
            List<Rule> rules) {}
}
