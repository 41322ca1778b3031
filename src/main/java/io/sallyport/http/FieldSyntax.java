package io.sallyport.http;

/** The bytes of field names and values (RFC 9110 §5). */
public final class FieldSyntax {
    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    /** Digits of the longest length; with one more not every number fits into a long. */
    private static final int LONGEST_LENGTH = 18;

    private FieldSyntax() {}

    /** Whether it may be a field name. */
    public static boolean isToken(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!plain && TOKEN_PUNCTUATION.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether it may be a field value: no control bytes but the tab, and octets only. */
    public static boolean isValue(CharSequence value) {
        String text = value.toString(); // one kind of sequence to walk, and cookies are long
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is the length of a body: decimal digits and nothing else, not even a sign (RFC 9110 §8.6). */
    public static boolean isLength(String value) {
        return !value.isEmpty()
                && value.length() <= LONGEST_LENGTH
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
