package io.sallyport.cli;

import java.io.PrintStream;

/** Prints text that others may have influenced, such as a claim of a login: control characters become spaces. */
final class Printable {
    private Printable() {}

    static void line(PrintStream out, String text) {
        out.println(safe(text, false));
    }

    /** The same, of several lines. */
    static void lines(PrintStream out, String text) {
        out.println(safe(text, true));
    }

    private static String safe(String text, boolean newlines) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> safe.appendCodePoint(Character.isISOControl(c) && !(newlines && c == '\n') ? ' ' : c));
        return safe.toString();
    }
}
