package io.sallyport.http;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;

/**
 * Where our own calls to identity providers, key sets and evaluators may go ({@code sallyport.outbound.allow}): public addresses
 * over https, and what the operator lists (OI-08).
 */
public final class OutboundRules {
    private OutboundRules() {}

    /**
     * Reads the operator's list.
     *
     * @param allowed CIDRs or host names
     * @throws IllegalArgumentException naming the entry that is neither
     */
    public static OutboundRules of(List<String> allowed) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /**
     * Checks scheme and host before anything is resolved.
     *
     * @throws OutboundRefused when the scheme is not https and the host is not listed, or the URI is malformed
     */
    public void check(URI uri) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** Whether a resolved address of that host may be connected to: not loopback, private, link-local or metadata, unless listed. */
    public boolean permits(String host, InetAddress resolved) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** A call that may not be made; the message says why and names the setting that would allow it. */
    public static final class OutboundRefused extends RuntimeException {
        /** @param message a sentence for the admin */
        public OutboundRefused(String message) {
            super(message);
        }
    }
}
