package io.sallyport.snapshot;

import io.sallyport.http.UrlPattern;
import java.util.ArrayList;
import java.util.List;

/**
 * A hostname of a tunnel that begins with {@code *.} covers what lies below at any depth, as connectors read it. In patterns of
 * applications a {@code *} stands for one label, so the deeper ones are written out.
 */
final class DeepWildcard {
    /** Most labels that the wildcard may stand for; deeper names are not served. */
    private static final int DEEPEST = 10;

    private DeepWildcard() {}

    /**
     * The patterns with two or more labels in the wildcard's place; none when there is no wildcard, or names would be
     * too long.
     */
    static List<UrlPattern> below(String hostname) {
        List<UrlPattern> patterns = new ArrayList<>();
        String deeper = hostname;
        for (int labels = 2; labels <= DEEPEST && hostname.startsWith("*."); labels++) {
            deeper = "*." + deeper;
            try {
                patterns.add(UrlPattern.parse(deeper));
            } catch (IllegalArgumentException tooLong) {
                break;
            }
        }
        return patterns;
    }
}
