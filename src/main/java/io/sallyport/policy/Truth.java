package io.sallyport.policy;

/**
 * Three-valued truth. {@code UNDECIDED} never satisfies include or require, counts as a hit in
 * exclude and in a deny policy, and never opens a bypass.
 */
public enum Truth {
    TRUE,
    FALSE,
    UNDECIDED;

    /** The truth of a plain boolean. */
    public static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }
}
