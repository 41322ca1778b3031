package io.sallyport.tunnel.wire;

import java.util.regex.Pattern;

/**
 * Makes text of the other end fit for logs, terminals and PostgreSQL, which cannot store NUL: everything but printable ASCII becomes a
 * question mark, because terminals interpret control characters.
 */
public final class Printable {
    private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

    private Printable() {}

    /** The text. */
    public static String of(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("?");
    }

    /** The beginning of a text, of at most this many characters. */
    public static String of(String text, int longest) {
        return of(text.length() > longest ? text.substring(0, longest) : text);
    }
}
