package io.sallyport.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The path half of a {@link UrlPattern}. Compares folded paths ({@link PathReader#fold}).
 *
 * <ul>
 *   <li>nothing, {@code /} and {@code /*} cover everything;
 *   <li>a literal covers itself and what lies below;
 *   <li>a {@code *} stands for any characters, slashes included. At the end it covers all that begins so, hence {@code /a/*}
 *       not {@code /a} itself. After one in the middle, the literal end covers what lies below it, as any literal does.
 * </ul>
 */
final class PathPattern {
    private static final PathPattern EVERYTHING = new PathPattern("", List.of(""), false);

    private final String normal;
    private final List<String> pieces;
    private final boolean trailingSlash;

    private PathPattern(String normal, List<String> pieces, boolean trailingSlash) {
        this.normal = normal;
        this.pieces = pieces;
        this.trailingSlash = trailingSlash;
    }

    /** @param text empty, or starting with a slash */
    static PathPattern parse(String text) {
        if (text.isEmpty() || text.equals("/") || text.equals("/*")) {
            return EVERYTHING;
        }
        if (text.contains("//") || (text + "/").contains("/./") || (text + "/").contains("/../")) {
            throw new IllegalArgumentException("a path pattern has no empty and no dot segments");
        }
        for (String segment : text.split("/", -1)) {
            if (segment.indexOf('*') != segment.lastIndexOf('*')) {
                throw new IllegalArgumentException("a path pattern has at most one * between two slashes");
            }
        }
        String canonical = switch (PathReader.read(escapeNonAscii(text))) {
            case PathReader.Read.Path(String path) -> path;
            case PathReader.Read.Refused(String reason) ->
                throw new IllegalArgumentException("the path pattern holds " + reason);
        };
        boolean slash = canonical.endsWith("/");
        String normal = slash ? canonical.substring(0, canonical.length() - 1) : canonical;
        List<String> pieces =
                Arrays.stream(normal.split("\\*", -1)).map(PathReader::fold).toList();
        return new PathPattern(normal, pieces, slash);
    }

    private static String escapeNonAscii(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b < 0) {
                PathReader.escape(escaped, b & 0xff);
            } else {
                escaped.append((char) b);
            }
        }
        return escaped.toString();
    }

    /** The pattern for paths as {@link LooseReading} gives them. */
    PathPattern loose() {
        List<String> loosely = pieces.stream().map(LooseReading::ofPart).toList();
        return new PathPattern(String.join("*", loosely), loosely, trailingSlash);
    }

    /** Whether every path of a host is covered. */
    boolean coversEverything() {
        return normal.isEmpty();
    }

    /** Whether the folded path is covered. */
    boolean covers(String folded) {
        return folded.startsWith(prefix()) && coversAfterPrefix(folded);
    }

    /** The same for a path known to start with {@link #prefix}. */
    boolean coversAfterPrefix(String folded) {
        if (isLiteral()) {
            int at = prefix().length();
            return at == 0 || endsSegment(folded, at);
        }
        String tail = pieces.getLast();
        int at = afterTheMiddle(folded);
        if (at < 0 || tail.isEmpty()) {
            return at >= 0;
        }
        for (int found = folded.indexOf(tail, at); found >= 0; found = folded.indexOf(tail, found + 1)) {
            if (endsSegment(folded, found + tail.length())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the path is what the pattern literally says, without what lies below. */
    boolean matchesLiterally(String folded) {
        if (coversEverything()) {
            return true;
        }
        String tail = trailingSlash ? pieces.getLast() + "/" : pieces.getLast();
        if (isLiteral()) {
            return folded.equals(tail);
        }
        int at = folded.startsWith(prefix()) ? afterTheMiddle(folded) : -1;
        return at >= 0 && folded.length() - tail.length() >= at && folded.endsWith(tail);
    }

    /** Where the last piece may begin: behind the leftmost places of those before it; -1 when one is missing. */
    private int afterTheMiddle(String folded) {
        int at = prefix().length();
        for (int i = 1; i < pieces.size() - 1; i++) {
            int found = folded.indexOf(pieces.get(i), at);
            if (found < 0) {
                return -1;
            }
            at = found + pieces.get(i).length();
        }
        return at;
    }

    private static boolean endsSegment(String path, int at) {
        return at == path.length() || path.charAt(at) == '/';
    }

    /** What stands before the first {@code *}: the first measure of how specific a path is. */
    String prefix() {
        return pieces.getFirst();
    }

    boolean isLiteral() {
        return pieces.size() == 1;
    }

    int wildcards() {
        return pieces.size() - 1;
    }

    /** One spelling for patterns that cover the same paths; empty for those that cover everything. */
    String normal() {
        return normal;
    }
}
