package io.sallyport.http;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An address as 128 bits, IPv4 as its IPv4-mapped form, so that both families compare by the same arithmetic. Reads literals
 * only and never asks DNS.
 */
record IpAddress(long high, long low) {
    private static final long MAPPED = 0x0000_ffff_0000_0000L;

    static IpAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4
                ? new IpAddress(0, MAPPED | bits(bytes, 0, 4))
                : new IpAddress(bits(bytes, 0, 8), bits(bytes, 8, 8));
    }

    /** Reads either family, strictly; empty for everything else, names and zone ids included. */
    static Optional<IpAddress> parse(String text) {
        return text.indexOf(':') < 0 ? parse4(text) : parse6(text);
    }

    /** Reads a dotted quad without leading zeros, which some readers take for octal. */
    static Optional<IpAddress> parse4(String text) {
        long bits = 0;
        int parts = 0;
        int digits = 0;
        int part = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                if (digits == 0 || part > 255 || ++parts > 4) {
                    return Optional.empty();
                }
                bits = bits << 8 | part;
                digits = 0;
                part = 0;
            } else {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9 || (digits > 0 && part == 0) || ++digits > 3) {
                    return Optional.empty();
                }
                part = part * 10 + digit;
            }
        }
        return parts == 4 ? Optional.of(new IpAddress(0, MAPPED | bits)) : Optional.empty();
    }

    static Optional<IpAddress> parse6(String text) {
        boolean plain = text.indexOf(':') >= 0
                && text.chars().allMatch(c -> c < 0x80 && (Character.digit(c, 16) >= 0 || c == ':' || c == '.'));
        int dotted = text.lastIndexOf(':') + 1;
        if (!plain || (text.indexOf('.') >= 0 && parse4(text.substring(dotted)).isEmpty())) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(InetAddress.ofLiteral(text)));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    boolean is4() {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED;
    }

    InetAddress toInetAddress() {
        return InetAddress.ofLiteral(is4() ? text4() : text6());
    }

    String text4() {
        return (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }

    /** RFC 5952: lower case, no leading zeros, the first longest run of zero groups as two colons. */
    String text6() {
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && group(i + run) == 0) {
                run++;
            }
            if (run > length) {
                start = i;
                length = run;
            }
            i += run;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private int group(int i) {
        long half = i < 4 ? high : low;
        return (int) (half >>> (48 - 16 * (i & 3))) & 0xffff;
    }

    private static long bits(byte[] bytes, int from, int count) {
        long bits = 0;
        for (int i = from; i < from + count; i++) {
            bits = bits << 8 | (bytes[i] & 0xff);
        }
        return bits;
    }
}
