package io.sallyport.policy;

/**
 * Sets of truth values, three bits in an int: the values that a rule can still have. A known fact has one possible
 * value; a fact that only a login provides has several, so one evaluator works before and after the login: a
 * policy with {@code TRUE} as its only possible value matches everybody who logs in, one without {@code TRUE} matches
 * nobody.
 *
 * <p>Inside, undecided follows Kleene's tables, through groups of any depth. Only at the level of a policy is undecided
 * resolved: it never admits, and a deny policy treats it as a match. That holds
 * also for an undecided fact inside an excluded group.
 */
final class Possible {
    static final int FALSE = 1;
    static final int UNDECIDED = 2;
    static final int TRUE = 4;

    /** A fact that a login establishes one way or the other. */
    static final int EITHER = TRUE | FALSE;

    /** A fact that a login may also fail to establish. */
    static final int ANYTHING = TRUE | UNDECIDED | FALSE;

    static int of(boolean known) {
        return known ? TRUE : FALSE;
    }

    static int of(Truth truth) {
        return switch (truth) {
            case TRUE -> TRUE;
            case FALSE -> FALSE;
            case UNDECIDED -> UNDECIDED;
        };
    }

    static int not(int a) {
        return (a & UNDECIDED) | ((a & TRUE) >> 2) | ((a & FALSE) << 2);
    }

    static int and(int a, int b) {
        boolean neitherForcesFalse = (a & ~FALSE) != 0 && (b & ~FALSE) != 0;
        int undecided = neitherForcesFalse ? (a | b) & UNDECIDED : 0;
        return ((a | b) & FALSE) | (a & b & TRUE) | undecided;
    }

    static int or(int a, int b) {
        return not(and(not(a), not(b)));
    }

    static boolean canBeTrue(int a) {
        return (a & TRUE) != 0;
    }

    static boolean canBeFalse(int a) {
        return (a & FALSE) != 0;
    }

    /** A single truth value for display: undecided if several are possible. */
    static Truth settled(int a) {
        return a == TRUE ? Truth.TRUE : a == FALSE ? Truth.FALSE : Truth.UNDECIDED;
    }

    private Possible() {}
}
