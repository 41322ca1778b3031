package io.sallyport.policy;

/**
 * Sets of truth values, three bits in an int: everything a rule could still turn out to be. A known fact is a set of one. What
 * a login will tell is a set of several, so one evaluator serves both sides of the login (§4.4): a policy whose set is exactly
 * {@code TRUE} matches whoever logs in, one whose set lacks {@code TRUE} matches nobody.
 *
 * <p>Inside, undecided follows Kleene's tables, through groups of any depth. Only a policy draws the consequence: undecided
 * admits nobody and a deny policy takes it for a hit. That gives each rule of the words in quality/threats.md, also where an
 * undecided fact hides in an excluded group.
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

    /** One truth value to show: what is not settled is undecided. */
    static Truth settled(int a) {
        return a == TRUE ? Truth.TRUE : a == FALSE ? Truth.FALSE : Truth.UNDECIDED;
    }

    private Possible() {}
}
