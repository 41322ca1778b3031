package io.sallyport.http;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A valid host name or address literal: lower case, A-labels, no port, no trailing dot, IPv6 in brackets (PN-06). */
public record HostName(String value) {
    private static final int LONGEST = 253;
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

    /**
     * The characters that IDNA 2003 (the JDK's) and browsers (UTS 46) turn into different A-labels: sharp s, final sigma, the
     * joiners. A host that holds one is refused, so that an admin writes the A-label the browser will send.
     */
    private static final Pattern DEVIATION = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

    /** @throws IllegalArgumentException when the text is not in the one normal form {@link #parse} gives */
    public HostName {
        if (!isNormal(value)) {
            throw new IllegalArgumentException("not a host name in normal form");
        }
    }

    /** Reads a host without port; empty when it is not one. */
    public static Optional<HostName> parse(String text) {
        if (isNormal(text)) {
            return Optional.of(new HostName(text));
        }
        return normalise(text).filter(HostName::isNormal).map(HostName::new);
    }

    /** Whether this is an IPv4 or IPv6 address rather than a name. */
    public boolean isAddress() {
        return value.startsWith("[") || endsInNumber(value);
    }

    private static Optional<String> normalise(String text) {
        if (text.startsWith("[")) {
            return text.endsWith("]")
                    ? IpAddress.parse6(text.substring(1, text.length() - 1)).map(a -> "[" + a.text6() + "]")
                    : Optional.empty();
        }
        String name = text;
        if (!isAscii(text)) {
            if (DEVIATION.matcher(text).find()) {
                return Optional.empty();
            }
            try {
                name = IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES);
            } catch (IllegalArgumentException notAName) {
                return Optional.empty();
            }
        }
        name = name.toLowerCase(Locale.ROOT);
        return Optional.of(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
    }

    /** The labels of a normal name; split once more wherever it is needed, because names are short. */
    private static boolean isNormal(String text) {
        if (text.startsWith("[")) {
            return normalise(text).filter(text::equals).isPresent();
        }
        return !text.isEmpty()
                && text.length() <= LONGEST
                && hasOnlyLabels(text)
                && (!endsInNumber(text) || IpAddress.parse4(text).isPresent());
    }

    private static boolean hasOnlyLabels(String text) {
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                if (i == start || i - start > 63 || text.charAt(start) == '-' || text.charAt(i - 1) == '-') {
                    return false;
                }
                start = i + 1;
            } else if (!isLabelCharacter(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean isLabelCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }

    /** Browsers take a host whose last label is a number for an IPv4 address, so anything but a dotted quad is no host. */
    private static boolean endsInNumber(String text) {
        char last = text.charAt(text.length() - 1);
        return (Character.digit(last, 16) >= 0 || last == 'x')
                && NUMBER.matcher(text.substring(text.lastIndexOf('.') + 1)).matches();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    @Override
    public String toString() {
        return value;
    }
}
