package io.sallyport.cli;

import java.io.PrintStream;

/** Text that others had a hand in, such as a claim of a login, on a person's terminal: control characters become spaces. */
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
