package io.sallyport.policy;

import java.util.List;

/**
 * What policies and Access groups have in common: some include rule, every require rule, no exclude rule. Without an
 * include rule it is false.
 *
 * @param anyInclude the include rules, made fast
 * @param anyExclude the exclude rules, made fast
 */
record Formula(Rules include, Rules exclude, Rules require, AnyOf anyInclude, AnyOf anyExclude) {
    /** Rules as written, each with its own compiled condition, in order. */
    record Rules(List<Selector> selectors, List<Condition> conditions) {}

    static Formula of(Rules include, Rules exclude, Rules require) {
        return new Formula(include, exclude, require, AnyOf.of(include), AnyOf.of(exclude));
    }

    int possible(Evaluation evaluation) {
        int possible = anyInclude.possible(evaluation);
        List<Condition> required = require.conditions;
        for (int i = 0; i < required.size() && possible != Possible.FALSE; i++) {
            possible = Possible.and(possible, required.get(i).possible(evaluation));
        }
        return possible == Possible.FALSE
                ? possible
                : Possible.and(possible, Possible.not(anyExclude.possible(evaluation)));
    }
}
