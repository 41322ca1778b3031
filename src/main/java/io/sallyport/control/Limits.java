package io.sallyport.control;

import java.time.Duration;

/** Bounds on what admins may write (AD-08). */
final class Limits {
    /** Characters of a name. */
    static final int NAME = 350;

    /** Characters of a text shown to visitors. */
    static final int MESSAGE = 4096;

    /** Characters of an address. */
    static final int URL = 2048;

    /** Entries of a list that only an admin fills, such as destinations or rules. */
    static final int ENTRIES = 1000;

    /** "Up to one month" is 31 days. */
    static final Duration LONGEST_SESSION = Duration.ofDays(31);

    private Limits() {}
}
