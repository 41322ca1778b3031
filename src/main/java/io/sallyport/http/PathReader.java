package io.sallyport.http;

import java.util.Optional;

/**
 * Brings a raw path into its one canonical form, or says why it has none (PN-01, PN-02).
 *
 * <p>Canonical means: escapes of unreserved characters decoded, all other escapes upper case, characters that RFC 3986 does not
 * allow but browsers send (such as <code>|</code>) escaped, no empty and no dot segments. Refused is whatever two readers could
 * take for two different paths: encoded separators, {@code ;} parameters, control bytes, broken or over-long UTF-8, and dot
 * segments that only show up after decoding.
 */
final class PathReader {
    /** A canonical path, or the reason there is none. */
    sealed interface Read {
        record Path(String value) implements Read {}

        record Refused(String reason) implements Read {}
    }

    private static final String UNRESERVED_MARKS = "-._~";
    private static final String SUB_DELIMITERS_AND_COLON_AT = "!$&'()*+,=:@";
    private static final String SENT_BUT_NOT_ALLOWED = "\"<>[]^`{|}";
    private static final String NOT_UTF_8 = "escapes that are not UTF-8";
    private static final byte REFUSED = 0;
    private static final byte PLAIN = 1;
    private static final byte TO_ESCAPE = 2;
    private static final byte[] KIND = new byte[128];

    static {
        for (int c = '!'; c < 0x7f; c++) {
            if (isUnreserved(c) || SUB_DELIMITERS_AND_COLON_AT.indexOf(c) >= 0 || c == '/' || c == '%') {
                KIND[c] = PLAIN;
            } else if (SENT_BUT_NOT_ALLOWED.indexOf(c) >= 0) {
                KIND[c] = TO_ESCAPE;
            }
        }
    }

    private final String raw;
    private final StringBuilder out;
    private int at;

    /** Continuation octets that must follow as escapes, and the bounds of the next: they shut out over-long forms and surrogates. */
    private int pending;

    private int lower;
    private int upper;

    private PathReader(String raw) {
        this.raw = raw;
        this.out = new StringBuilder(raw.length() + 16);
    }

    /** Reads a path that starts with a slash and has no query. */
    static Read read(String raw) {
        return isCanonical(raw) ? new Read.Path(raw) : new PathReader(raw).normalise();
    }

    /**
     * The spelling to compare paths by: escapes of sub-delimiters decoded too, because nearly every origin takes {@code %21} for
     * {@code !}, and a rule for one must not be walked around with the other. Only for comparing; what is forwarded keeps them.
     */
    static String fold(String canonical) {
        int escape = canonical.indexOf('%');
        if (escape < 0) {
            return canonical;
        }
        StringBuilder folded = new StringBuilder(canonical.length());
        int from = 0;
        for (; escape >= 0; escape = canonical.indexOf('%', escape + 3)) {
            int c = decode(canonical, escape);
            if (c >= 0 && SUB_DELIMITERS_AND_COLON_AT.indexOf(c) >= 0) {
                folded.append(canonical, from, escape).append((char) c);
                from = escape + 3;
            }
        }
        return folded.append(canonical, from, canonical.length()).toString();
    }

    /** The common case costs one pass and no copy. */
    private static boolean isCanonical(String raw) {
        char previous = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c >= 0x80 || KIND[c] != PLAIN || c == '%' || (previous == '/' && (c == '/' || c == '.'))) {
                return false;
            }
            previous = c;
        }
        return true;
    }

    private Read normalise() {
        while (at < raw.length()) {
            at++; // the slash
            int start = at;
            int mark = out.length();
            out.append('/');
            Optional<String> problem = readSegment();
            if (problem.isPresent()) {
                return new Read.Refused(problem.get());
            }
            String segment = out.substring(mark + 1);
            boolean last = at == raw.length();
            if (segment.equals(".") || segment.equals("..")) {
                if (at - start != segment.length()) {
                    return new Read.Refused("a dot segment in disguise");
                }
                out.setLength(segment.equals(".") ? mark : Math.max(0, out.lastIndexOf("/", mark - 1)));
                if (last) {
                    out.append('/');
                }
            } else if (segment.isEmpty() && !last) {
                out.setLength(mark);
            }
        }
        return new Read.Path(out.isEmpty() ? "/" : out.toString());
    }

    /** Appends one segment; answers with the problem, if it has one. */
    private Optional<String> readSegment() {
        pending = 0;
        for (; at < raw.length() && raw.charAt(at) != '/'; at++) {
            char c = raw.charAt(at);
            if (c != '%') {
                if (c >= 0x80 || KIND[c] == REFUSED || pending > 0) {
                    return Optional.of(pending > 0 ? NOT_UTF_8 : refusal(c));
                }
                append(c);
                continue;
            }
            int b = decode(raw, at);
            if (b < 0) {
                return Optional.of("a percent sign without two hex digits");
            }
            if (pending > 0 || b >= 0x80) {
                if (!continuesUtf8(b)) {
                    return Optional.of(NOT_UTF_8);
                }
            } else if (b == '/' || b == '\\') {
                return Optional.of("an encoded slash or backslash");
            } else if (b < 0x20 || b == 0x7f) {
                return Optional.of("an encoded control byte");
            }
            if (isUnreserved(b)) {
                out.append((char) b);
            } else {
                escape(b);
            }
            at += 2;
        }
        return pending > 0 ? Optional.of(NOT_UTF_8) : Optional.empty();
    }

    /** Whether an escaped octet outside ASCII, or after one, may stand here (RFC 3629 §4). */
    private boolean continuesUtf8(int b) {
        if (pending > 0) {
            boolean fits = b >= lower && b <= upper;
            pending--;
            lower = 0x80;
            upper = 0xbf;
            return fits;
        }
        pending = b >= 0xc2 && b <= 0xdf ? 1 : b >= 0xe0 && b <= 0xef ? 2 : b >= 0xf0 && b <= 0xf4 ? 3 : 0;
        lower = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        upper = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        return pending > 0;
    }

    private void append(char c) {
        if (KIND[c] == TO_ESCAPE) {
            escape(c);
        } else {
            out.append(c);
        }
    }

    private void escape(int b) {
        escape(out, b);
    }

    static void escape(StringBuilder out, int b) {
        out.append('%')
                .append(Character.toUpperCase(Character.forDigit(b >> 4, 16)))
                .append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
    }

    private static String refusal(char c) {
        return switch (c) {
            case '#' -> "a raw fragment";
            case '\\' -> "a backslash";
            case ';' -> "a path parameter";
            case '?' -> "a second question mark";
            default -> c >= 0x80 ? "a byte outside ASCII" : "a space or control byte";
        };
    }

    /** The byte an escape stands for, -1 when it is not one. */
    static int decode(CharSequence text, int percent) {
        if (percent + 2 >= text.length()) {
            return -1;
        }
        int high = hex(text.charAt(percent + 1));
        int low = hex(text.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** Not {@link Character#digit}, which also takes digits of other scripts. */
    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || UNRESERVED_MARKS.indexOf(c) >= 0;
    }
}
