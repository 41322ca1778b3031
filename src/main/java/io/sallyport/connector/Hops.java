package io.sallyport.connector;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Hop-by-hop header fields (RFC 9110 §7.6.1), and the fields of message framing, which we set ourselves. */
final class Hops {
    /** Absent. */
    static final long NO_LENGTH = -1;

    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te");

    private static final List<String> RESERVED = List.of("cf-int-", "cf-cloudflared-", "cf-proxy-");

    private Hops() {}

    /** @param name in lower case */
    static boolean isHop(String name) {
        return HOP_BY_HOP.contains(name);
    }

    /** Whether an origin's field must not reach the edge: a hop-by-hop field, or one of the protocol between connector and edge. */
    static boolean isKeptFromEdge(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return isHop(lower) || RESERVED.stream().anyMatch(lower::startsWith);
    }

    /**
     * The declared length of a body.
     *
     * @return {@link #NO_LENGTH} when there is none
     * @throws NumberFormatException when it is not a length, or there are several different ones
     */
    static long contentLength(HttpHeaders headers) {
        List<String> values = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (values.isEmpty()) {
            return NO_LENGTH;
        }
        String value = values.getFirst();
        if (values.size() > 1 || value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new NumberFormatException("not a content length");
        }
        return Long.parseLong(value);
    }
}
