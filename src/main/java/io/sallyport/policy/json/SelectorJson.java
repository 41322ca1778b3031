package io.sallyport.policy.json;

import io.sallyport.policy.Selector;
import tools.jackson.databind.JsonNode;

/** Reads selectors as the API spells them (spec/access-semantics.md §5). */
public final class SelectorJson {
    private SelectorJson() {}

    /**
     * Reads one rule.
     *
     * @param pointer where the rule stands, for the error
     * @throws io.sallyport.policy.PolicyProblem for an unknown key, a misspelt member or a wrong type (PN-11)
     */
    public static Selector read(JsonNode rule, String pointer) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }
}
