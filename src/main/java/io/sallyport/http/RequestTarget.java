package io.sallyport.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a request is going, in the one canonical form that is matched and forwarded (PN-01).
 *
 * @param port as the client wrote it, -1 when it wrote none
 * @param path canonical, starts with a slash, percent-encoded as it will be forwarded
 * @param query raw except that characters no URI may hold are escaped, without the question mark; null when there is none
 */
public record RequestTarget(
        HostName host, int port, String path, @Nullable String query) {
    /** The reason given for {@code OPTIONS *}, which names no resource: the edge answers it itself (RP-20). */
    public static final String ASTERISK_FORM = "asterisk-form";

    private static final String SENT_BUT_NOT_ALLOWED_IN_QUERY = "\"<>[\\]^`{|}";

    /** A target that was read, or the reason it was refused. */
    public sealed interface Parsed {
        /** One unambiguous reading. */
        record Accepted(RequestTarget target) implements Parsed {}

        /**
         * Ambiguous or malformed: answered 400.
         *
         * @param reason a few words for the log, never built from the input
         */
        record Refused(String reason) implements Parsed {}
    }

    /**
     * Reads the request line's target together with the host.
     *
     * @param authority the Host header or {@code :authority}
     * @param rawTarget origin-form or absolute-form, exactly as received
     */
    public static Parsed parse(String authority, String rawTarget) {
        Optional<Authority> named = Authority.parse(authority);
        if (named.isEmpty()) {
            return new Parsed.Refused("not a valid host");
        }
        Authority host = named.get();
        if (rawTarget.startsWith("/")) {
            return read(host, rawTarget);
        }
        if (rawTarget.equals("*")) {
            return new Parsed.Refused(ASTERISK_FORM);
        }
        int scheme = schemeLength(rawTarget);
        if (scheme < 0) {
            return new Parsed.Refused("neither origin-form nor absolute-form");
        }
        int end = endOfAuthority(rawTarget, scheme);
        int standardPort = scheme == "https://".length() ? 443 : 80;
        boolean same = Authority.parse(rawTarget.substring(scheme, end))
                .filter(other -> other.equals(host, standardPort))
                .isPresent();
        if (!same) {
            return new Parsed.Refused("absolute-form authority differs from the host");
        }
        String rest = rawTarget.substring(end);
        return read(host, rest.startsWith("/") ? rest : "/" + rest);
    }

    private static Parsed read(Authority authority, String origin) {
        int mark = origin.indexOf('?');
        String query = mark < 0 ? null : readQuery(origin, mark + 1);
        if (mark >= 0 && query == null) {
            return new Parsed.Refused("a query with a byte that no URI may hold");
        }
        return switch (PathReader.read(mark < 0 ? origin : origin.substring(0, mark))) {
            case PathReader.Read.Path(String path) ->
                new Parsed.Accepted(new RequestTarget(authority.host, authority.port, path, query));
            case PathReader.Read.Refused(String reason) -> new Parsed.Refused(reason);
        };
    }

    /**
     * The query belongs to the application, so its escapes are not changed. Broken ones are refused nevertheless: URI
     * classes reject them, and parsers interpret them differently.
     */
    private static @Nullable String readQuery(String origin, int from) {
        StringBuilder escaped = null;
        for (int i = from; i < origin.length(); i++) {
            char c = origin.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#' || (c == '%' && PathReader.decode(origin, i) < 0)) {
                return null;
            }
            boolean allowed = SENT_BUT_NOT_ALLOWED_IN_QUERY.indexOf(c) < 0;
            if (!allowed && escaped == null) {
                escaped = new StringBuilder(origin.length()).append(origin, from, i);
            }
            if (escaped != null && allowed) {
                escaped.append(c);
            } else if (escaped != null) {
                PathReader.escape(escaped, c);
            }
        }
        return escaped == null ? origin.substring(from) : escaped.toString();
    }

    private static int schemeLength(String target) {
        if (target.regionMatches(true, 0, "https://", 0, 8)) {
            return 8;
        }
        return target.regionMatches(true, 0, "http://", 0, 7) ? 7 : -1;
    }

    private static int endOfAuthority(String target, int from) {
        int end = from;
        while (end < target.length() && "/?#\\".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /** Path and query as they are forwarded. */
    public String pathAndQuery() {
        return query == null ? path : path + "?" + query;
    }

    /**
     * Whether the path is ours on every host (PN-05), under every reading an origin might give it: in any letter case and after
     * any number of further decodings.
     */
    public boolean isReserved() {
        return mayBeReserved(path) && (LooseReading.of(path) + "/").startsWith(AccessHeaders.RESERVED_PATH);
    }

    /** Cheap, and true for all that can be reserved: every request asks. */
    private static boolean mayBeReserved(String path) {
        return path.indexOf('%') >= 0 || path.regionMatches(true, 0, AccessHeaders.RESERVED_PATH, 0, 8);
    }

    private record Authority(HostName host, int port) {
        static Optional<Authority> parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 0 || colon < text.lastIndexOf(']')) {
                return HostName.parse(text).map(host -> new Authority(host, -1));
            }
            int port = port(text.substring(colon + 1));
            return port < 0
                    ? Optional.empty()
                    : HostName.parse(text.substring(0, colon)).map(h -> new Authority(h, port));
        }

        private static int port(String digits) {
            boolean number =
                    !digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
            int port = number ? Integer.parseInt(digits) : -1;
            return port >= 1 && port <= 65535 ? port : -1;
        }

        boolean equals(Authority other, int standardPort) {
            return host.equals(other.host)
                    && (port < 0 ? standardPort : port) == (other.port < 0 ? standardPort : other.port);
        }
    }
}
