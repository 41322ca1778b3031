package io.sallyport.http;

import java.util.Optional;

/** A valid host name or address literal: lower case, A-labels, no port, no trailing dot, IPv6 in brackets (PN-06). */
public record HostName(String value) {
    /** Reads a host without port; empty when it is not one. */
    public static Optional<HostName> parse(String text) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    @Override
    public String toString() {
        return value;
    }
}
