package io.sallyport.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request's cookies, read without aliases: no {@code $Version} mode, no quoting, no trimming but of the spaces and tabs that
 * follow a semicolon (CS-04). Values are what stands between the equals sign and the next semicolon, byte for byte.
 *
 * <p>Meant for looking up our own few cookies and taking them out again; everything else passes through unread (HH-07).
 */
public final class CookieHeader {
    private final List<String> pairs;

    private CookieHeader(List<String> pairs) {
        this.pairs = pairs;
    }

    /** Reads the values of all {@code Cookie} fields; HTTP/2 clients may send several (RFC 9113 §8.2.3). */
    public static CookieHeader parse(List<String> fields) {
        List<String> pairs = new ArrayList<>();
        for (String field : fields) {
            String joined = pairs.isEmpty() || field.startsWith(" ") ? field : " " + field;
            int from = 0;
            for (int end = joined.indexOf(';'); end >= 0; end = joined.indexOf(';', from)) {
                pairs.add(joined.substring(from, end));
                from = end + 1;
            }
            pairs.add(joined.substring(from));
        }
        return new CookieHeader(pairs);
    }

    /** Every value sent under exactly this name, in order: a sibling host may have planted more (CS-04). */
    public List<String> values(String name) {
        List<String> values = new ArrayList<>(1);
        for (String pair : pairs) {
            int start = start(pair);
            if (isNamed(pair, start, name)) {
                values.add(pair.substring(start + name.length() + 1));
            }
        }
        return values;
    }

    /**
     * One field value without the named cookies, all others byte for byte and in order; empty when none is left. A pair whose
     * name an origin could take for one of them after trimming or unquoting goes as well.
     */
    public Optional<String> without(Set<String> names) {
        List<String> kept = new ArrayList<>(pairs);
        boolean removed = kept.removeIf(pair -> names.contains(lenientName(pair)));
        if (removed && !kept.isEmpty()) {
            kept.set(0, kept.get(0).substring(start(kept.get(0))));
        }
        return kept.stream().allMatch(String::isBlank) ? Optional.empty() : Optional.of(String.join(";", kept));
    }

    private static boolean isNamed(String pair, int start, String name) {
        int end = start + name.length();
        return pair.startsWith(name, start) && end < pair.length() && pair.charAt(end) == '=';
    }

    private static int start(String pair) {
        int start = 0;
        while (start < pair.length() && (pair.charAt(start) == ' ' || pair.charAt(start) == '\t')) {
            start++;
        }
        return start;
    }

    private static String lenientName(String pair) {
        int equals = pair.indexOf('=');
        int start = 0;
        int end = equals < 0 ? pair.length() : equals;
        while (start < end && isTrimmedSomewhere(pair.charAt(start))) {
            start++;
        }
        while (end > start && isTrimmedSomewhere(pair.charAt(end - 1))) {
            end--;
        }
        return pair.substring(start, end);
    }

    private static boolean isTrimmedSomewhere(char c) {
        return c <= ' '
                || c == '"'
                || (c >= 0x7f && c <= 0xa0)
                || Character.isWhitespace(c)
                || Character.isSpaceChar(c);
    }
}
