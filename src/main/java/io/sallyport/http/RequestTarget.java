package io.sallyport.http;

import org.jspecify.annotations.Nullable;

/**
 * Where a request is going, in the one canonical form that is matched and forwarded (PN-01).
 *
 * @param port as the client wrote it, -1 when it wrote none
 * @param path canonical, starts with a slash, percent-encoded as it will be forwarded
 * @param query raw, without the question mark; null when there is none
 */
public record RequestTarget(
        HostName host, int port, String path, @Nullable String query) {
    /** A target that was read, or the reason it was refused. */
    public sealed interface Parsed {
        /** One unambiguous reading. */
        record Accepted(RequestTarget target) implements Parsed {}

        /** Ambiguous or malformed: answered 400. */
        record Refused(String reason) implements Parsed {}
    }

    /**
     * Reads the request line's target together with the host.
     *
     * @param authority the Host header or {@code :authority}
     * @param rawTarget origin-form or absolute-form, exactly as received
     */
    public static Parsed parse(String authority, String rawTarget) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** Path and query as they are forwarded. */
    public String pathAndQuery() {
        return query == null ? path : path + "?" + query;
    }
}
