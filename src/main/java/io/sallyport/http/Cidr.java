package io.sallyport.http;

import java.net.InetAddress;

/** An address block. Keeps the text it was read from, because the API returns exactly what was written. */
public final class Cidr {
    private final String text;

    Cidr(String text) {
        this.text = text;
    }

    /**
     * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a single address.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static Cidr parse(String text) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** Whether the block holds the address; an IPv4-mapped IPv6 address counts as IPv4. */
    public boolean contains(InetAddress address) {
        throw new UnsupportedOperationException("written by the policy engine's change");
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
