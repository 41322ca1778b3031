package io.sallyport.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Suggests the name that a person most likely meant by a name that does not exist. */
final class Nearest {
    private static final int MOST_SHOWN = 5;

    private Nearest() {}

    /** {@code ; did you mean wiki?}, or the list of existing names, or nothing. */
    static String hint(String written, Collection<String> names) {
        Optional<String> nearest = to(written, names);
        if (nearest.isPresent()) {
            return "; did you mean " + nearest.get() + "?";
        }
        return names.isEmpty()
                ? "; there is none yet"
                : "; there is "
                        + names.stream().sorted().limit(MOST_SHOWN).collect(Collectors.joining(", "))
                        + (names.size() > MOST_SHOWN ? ", …" : "");
    }

    /** The name with the smallest edit distance, if that is small for its length. */
    static Optional<String> to(String written, Collection<String> names) {
        String wanted = written.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> keystrokes(wanted, name.toLowerCase(Locale.ROOT)) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparingInt(name -> keystrokes(wanted, name.toLowerCase(Locale.ROOT))));
    }

    /** Levenshtein's distance. */
    private static int keystrokes(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, 1 + Math.min(row[j - 1], above));
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
