package io.sallyport.connector;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A path filter, searched anywhere in the decoded path. The path is untrusted and matching is limited to a
 * number of steps, because Java's engine, unlike Go's RE2, can need exponential time for a path made for the
 * expression.
 *
 * @param text as written, in Go's syntax
 */
record PathRegex(String text, Pattern pattern) {
    private static final int STEPS_PER_CHARACTER = 200;
    private static final int FEWEST_STEPS = 20_000;

    /** @throws PatternSyntaxException when the expression is invalid */
    static PathRegex compile(String text) {
        return new PathRegex(text, Pattern.compile(text.replace("(?P<", "(?<")));
    }

    /** Whether the expression is found. Throws {@link TooManySteps} when the path takes too many steps. */
    boolean finds(String path) {
        try {
            return pattern.matcher(new Counted(path)).find();
        } catch (StackOverflowError tooDeep) {
            throw new TooManySteps(); // (a|b)* costs a few frames for every character
        }
    }

    /** The search was stopped. */
    static final class TooManySteps extends RuntimeException {
        TooManySteps() {
            super("a path takes too long to match", null, false, false);
        }
    }

    /** The path; counts the characters that the engine reads. */
    private static final class Counted implements CharSequence {
        private final String path;
        private int left;

        Counted(String path) {
            this.path = path;
            this.left = FEWEST_STEPS + STEPS_PER_CHARACTER * path.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new TooManySteps();
            }
            return path.charAt(index);
        }

        @Override
        public int length() {
            return path.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return path.substring(start, end);
        }

        @Override
        public String toString() {
            return path;
        }
    }
}
