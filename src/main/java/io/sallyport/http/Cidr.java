package io.sallyport.http;

import java.net.InetAddress;

/** An address block. Keeps the text it was read from, because the API returns exactly what was written. */
public final class Cidr {
    private final String text;
    private final IpAddress first;
    private final IpAddress last;

    /** @param prefix counted over 128 bits, so an IPv4 block has 96 more than written */
    private Cidr(String text, IpAddress address, int prefix) {
        this.text = text;
        long high = mask(prefix);
        long low = mask(prefix - 64);
        this.first = new IpAddress(address.high() & high, address.low() & low);
        this.last = new IpAddress(address.high() | ~high, address.low() | ~low);
    }

    /**
     * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a single address. Bits behind the prefix are allowed and mean
     * nothing, as in most firewalls.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        IpAddress address = IpAddress.parse(literal)
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not an IP address or CIDR block"));
        int width = literal.indexOf(':') < 0 ? 32 : 128;
        int prefix = slash < 0 ? width : prefix(text, text.substring(slash + 1), width);
        return new Cidr(text, address, prefix + 128 - width);
    }

    private static int prefix(String text, String digits, int width) {
        boolean number =
                !digits.isEmpty() && digits.length() <= 3 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int prefix = number ? Integer.parseInt(digits) : -1;
        if (prefix < 0 || prefix > width) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" needs a prefix length between 0 and " + width + " after the slash");
        }
        return prefix;
    }

    private static long mask(int prefix) {
        return prefix <= 0 ? 0 : prefix >= 64 ? -1L : -1L << (64 - prefix);
    }

    /**
     * Whether the block holds the address; an IPv4-mapped IPv6 address counts as IPv4, and an IPv6 block wider than the mapped
     * range holds no IPv4 address.
     */
    public boolean contains(InetAddress address) {
        return contains(IpAddress.of(address));
    }

    boolean contains(IpAddress address) {
        return within(address.high(), first.high(), last.high())
                && within(address.low(), first.low(), last.low())
                && (is4() || !address.is4());
    }

    /** Exact because the ends of a block differ only in a run of low bits: each half is a range of its own. */
    private static boolean within(long value, long from, long to) {
        return Long.compareUnsigned(value, from) >= 0 && Long.compareUnsigned(value, to) <= 0;
    }

    boolean is4() {
        return first.is4() && last.is4();
    }

    IpAddress first() {
        return first;
    }

    IpAddress last() {
        return last;
    }

    /** Whether every address of the other block is in this one. */
    public boolean contains(Cidr other) {
        return contains(other.first) && contains(other.last);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Cidr other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
