package io.sallyport.doctor;

import java.util.Locale;

/**
 * The outcome of one check.
 *
 * @param check what was checked, a stable lower-case word
 * @param verdict how bad it is
 * @param sentence the result and, if there is a problem, what to do
 */
public record Finding(String check, Verdict verdict, String sentence) {
    /** How bad it is. */
    public enum Verdict {
        /** As it should be. */
        OK,
        /** Works now, and will not for ever or not for everybody. */
        WARNING,
        /** Does not work. */
        FAILED;

        /** As the API spells it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The check found nothing wrong. */
    public static Finding ok(String check, String sentence) {
        return new Finding(check, Verdict.OK, sentence);
    }

    /** It works, but somebody should look after it soon. */
    public static Finding warning(String check, String sentence) {
        return new Finding(check, Verdict.WARNING, sentence);
    }

    /** It does not work. */
    public static Finding failed(String check, String sentence) {
        return new Finding(check, Verdict.FAILED, sentence);
    }
}
