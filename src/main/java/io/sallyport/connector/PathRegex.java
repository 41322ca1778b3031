package io.sallyport.connector;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A path filter, searched anywhere in the decoded path (§3.2). The expression is the operator's, the path is a stranger's: matching
 * may take a bounded number of steps, because Java's engine, unlike Go's RE2, can be kept busy by a path made for the expression.
 *
 * @param text as written, in Go's syntax
 */
record PathRegex(String text, Pattern pattern) {
    private static final int STEPS_PER_CHARACTER = 200;
    private static final int FEWEST_STEPS = 20_000;

    /** @throws PatternSyntaxException when the expression is none */
    static PathRegex compile(String text) {
        return new PathRegex(text, Pattern.compile(text.replace("(?P<", "(?<")));
    }

    /** Whether it is found. A path that takes too many steps counts as one that no rule wants: {@link TooManySteps}. */
    boolean finds(String path) {
        try {
            return pattern.matcher(new Counted(path)).find();
        } catch (StackOverflowError tooDeep) {
            throw new TooManySteps(); // (a|b)* costs a few frames for every character
        }
    }

    /** A search was given up. */
    static final class TooManySteps extends RuntimeException {
        TooManySteps() {
            super("a path takes too long to match", null, false, false);
        }
    }

    /** The path, counting how often the engine looks at it. */
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
