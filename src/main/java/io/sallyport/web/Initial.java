package io.sallyport.web;

import java.util.Locale;

/** The letter on a badge. */
final class Initial {
    private Initial() {}

    /** The first character of a name, whole also where Java needs two for it; a question mark for a name of nothing. */
    static String of(String name) {
        String bare = name.strip();
        return bare.isEmpty()
                ? "?"
                : bare.substring(0, bare.offsetByCodePoints(0, 1)).toUpperCase(Locale.ROOT);
    }
}
