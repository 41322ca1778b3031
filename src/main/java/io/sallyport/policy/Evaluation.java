package io.sallyport.policy;

import io.sallyport.identity.Email;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The inputs and intermediate results of one evaluation. Used for one decision on one thread. */
final class Evaluation {
    private final AccessRequest request;
    private final @Nullable Email email;
    private final Subject.@Nullable Facts facts;
    private final boolean evaluatorsAsked;
    private int @Nullable [] nestingGroups;
    private @Nullable String domain;

    private Evaluation(
            AccessRequest request, @Nullable Email email, Subject.@Nullable Facts facts, boolean evaluatorsAsked) {
        this.request = request;
        this.email = email;
        this.facts = facts;
        this.evaluatorsAsked = evaluatorsAsked;
    }

    static Evaluation of(AccessRequest request) {
        return request.subject() instanceof Subject.Person person
                ? new Evaluation(request, person.email(), person.facts(), true)
                : new Evaluation(request, null, null, true);
    }

    /** As if this address had logged in, before any external evaluator was asked. */
    static Evaluation supposing(AccessRequest request, Email email, Subject.Facts facts) {
        return new Evaluation(request, email, facts, false);
    }

    AccessRequest request() {
        return request;
    }

    boolean personKnown() {
        return email != null;
    }

    /** Null before a login. */
    @Nullable
    Email email() {
        return email;
    }

    /** The domain of the address; null before a login. */
    @Nullable
    String domain() {
        if (domain == null && email != null) {
            domain = email.domain();
        }
        return domain;
    }

    int fact(Selector.LoginFact fact, FactSet set, int index) {
        boolean evaluator = fact instanceof Selector.ExternalEvaluation;
        if (facts == null || (evaluator && !evaluatorsAsked)) {
            return evaluator ? Possible.ANYTHING : Possible.EITHER;
        }
        return Possible.of(
                facts instanceof FactSet.Captured captured && captured.belongsTo(set)
                        ? captured.test(index)
                        : facts.test(fact));
    }

    /** What was remembered for a group of groups; 0 when nothing was. */
    int remembered(int ordinal) {
        return nestingGroups == null || ordinal >= nestingGroups.length ? 0 : nestingGroups[ordinal];
    }

    void remember(int ordinal, int possible) {
        int[] groups = nestingGroups == null ? new int[ordinal + 8] : nestingGroups;
        nestingGroups = ordinal < groups.length ? groups : Arrays.copyOf(groups, ordinal + 8);
        nestingGroups[ordinal] = possible;
    }
}
