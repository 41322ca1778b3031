package io.sallyport.identity;

import java.util.Locale;
import java.util.Optional;

/**
 * One parsed e-mail address, lower-cased, with exactly one {@code @} (PN-12). What does not parse matches no rule and gets
 * no mail.
 */
public record Email(String value) {
    private static final int LONGEST = 254;

    /** @throws IllegalArgumentException when {@link #parse} would refuse the text */
    public Email {
        if (!isAddress(value) || !value.equals(value.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("not an e-mail address");
        }
    }

    /**
     * Reads an address; empty when it is anything but one plain {@code local@domain}. Nor does a letter count that is not ASCII and
     * whose lower case is, such as the Kelvin sign: at a provider that takes it as a name of its own, its owner would be somebody else
     * here.
     */
    public static Optional<Email> parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return isAddress(lower) && !becomesAscii(text) ? Optional.of(new Email(lower)) : Optional.empty();
    }

    private static boolean becomesAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0x7f && Character.toLowerCase(c) <= 0x7f) {
                return true;
            }
        }
        return false;
    }

    /** The part after the {@code @}. */
    public String domain() {
        return value.substring(value.indexOf('@') + 1);
    }

    private static boolean isAddress(String text) {
        int at = text.indexOf('@');
        if (text.length() > LONGEST || at <= 0 || at == text.length() - 1 || at != text.lastIndexOf('@')) {
            return false;
        }
        // A loop and no stream: a cold start reads a hundred thousand of them before anything is compiled.
        for (int i = 0; i < text.length(); i++) {
            if (!isPlain(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Refuses white space, control bytes, quoting, lists and display names: CR/LF and address tricks end here (OT-05). */
    private static boolean isPlain(char c) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '@' || c == '-') {
            return true;
        }
        return c > ' '
                && c != 0x7f
                && "\"(),:;<>[\\]".indexOf(c) < 0
                && !Character.isWhitespace(c)
                && !Character.isISOControl(c);
    }

    @Override
    public String toString() {
        return value;
    }
}
