package io.sallyport.gateway;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.http.AccessHeaders;
import io.sallyport.http.Rays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Removes header fields that clients may not set. Every name that the gateway itself writes for origins, and every name
 * that an origin could normalise to such a name, is removed on entry, for every host and independent of later decisions
 * (HH-01 to HH-05, HH-09).
 */
final class HeaderHygiene {
    /** For the gate itself: read by {@link AccessFilter} and {@link AssertionFilter}, then removed too. */
    static final Set<String> FOR_THE_GATE = Set.of(
            AccessHeaders.CLIENT_ID.toLowerCase(Locale.ROOT),
            AccessHeaders.CLIENT_SECRET.toLowerCase(Locale.ROOT),
            AccessHeaders.ACCESS_TOKEN.toLowerCase(Locale.ROOT),
            AccessHeaders.METADATA_REQUEST.toLowerCase(Locale.ROOT),
            AccessHeaders.JUMP_DESTINATION.toLowerCase(Locale.ROOT));

    private static final List<String> RESERVED_PREFIXES = List.of("cf-", "x-forwarded-");

    /** Fields that only proxies may set, and fields that frameworks believe instead of the request line (PN-14). */
    private static final Set<String> RESERVED = Set.of(
            "forwarded",
            "x-real-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "true-client-ip",
            "x-original-url",
            "x-original-uri",
            "x-original-host",
            "x-rewrite-url",
            "client-cert",
            "client-cert-chain",
            "ssl-client-cert",
            "ssl-client-verify",
            "ssl-client-s-dn",
            "x-client-cert",
            "x-ssl-client-cert",
            "x-ssl-cert");

    static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "expect",
            "x-http2-stream-id",
            "x-http2-scheme",
            "x-http2-path",
            "x-http2-stream-weight",
            "x-http2-stream-dependency-id",
            "x-http2-stream-promise-id");

    /** Fields that {@code Connection} must not name; a client that does so tries to confuse a server behind us. */
    private static final Set<String> NOT_CONNECTION_OPTIONS = Set.of("host", "content-length", "close", "keep-alive");

    private static final Set<String> REQUEST_IDS = Set.of("x-request-id", "x-correlation-id", "request-id");
    private static final Pattern PLAIN_ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");
    private static final Pattern TRACEPARENT =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final Pattern TRACESTATE = Pattern.compile("[ -~]{0,512}");

    private HeaderHygiene() {}

    /**
     * Copies the permitted fields. If one field of a name is not permitted, all fields of that name are dropped.
     *
     * @param certificates lower-case names under which listed proxies pass client certificates; read before this, and
     *     by nobody after
     * @param ray becomes the parent of the request's trace, so that log and trace meet
     */
    static HttpHeaders clean(HttpHeaders fields, Set<String> connectionOptions, Set<String> certificates, String ray) {
        HttpHeaders kept =
                DefaultHttpHeadersFactory.headersFactory().newHeaders().add(fields);
        for (Iterator<Map.Entry<String, String>> each = fields.iteratorAsString(); each.hasNext(); ) {
            Map.Entry<String, String> field = each.next();
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!counts(name, field.getValue())
                    || connectionOptions.contains(name)
                    || certificates.contains(name.replace('.', '-'))) {
                kept.remove(field.getKey());
            }
        }
        trace(kept, ray);
        return kept;
    }

    /** The names a client's {@code Connection} fields list: they were meant for us alone (HH-02). */
    static Set<String> connectionOptions(List<String> fields) {
        if (fields.isEmpty() || (fields.size() == 1 && NOT_CONNECTION_OPTIONS.contains(fields.getFirst()))) {
            return Set.of();
        }
        Set<String> options = new HashSet<>();
        for (String field : fields) {
            for (String option : field.split(",", -1)) {
                options.add(option.strip().toLowerCase(Locale.ROOT));
            }
        }
        options.removeAll(NOT_CONNECTION_OPTIONS);
        return options;
    }

    private static boolean counts(String name, String value) {
        if (FOR_THE_GATE.contains(name)) {
            return true;
        }
        if (name.indexOf('_') >= 0 || HOP_BY_HOP.contains(name) || isReserved(name)) {
            return false;
        }
        return !REQUEST_IDS.contains(name) || PLAIN_ID.matcher(value).matches();
    }

    /** Removes fields of these lower-case names, and those that CGI would make into one of them (HH-01). */
    static void withoutLookalikes(HttpHeaders fields, Set<String> names) {
        if (names.isEmpty()) {
            return;
        }
        Set<String> folded = names.stream().map(HeaderHygiene::folded).collect(Collectors.toSet());
        for (String name : fields.names()) {
            if (folded.contains(folded(name.toLowerCase(Locale.ROOT)))) {
                fields.remove(name);
            }
        }
    }

    private static String folded(String lowerCaseName) {
        return lowerCaseName.replace('_', '-').replace('.', '-');
    }

    /** Whether a name could be read as one of ours: CGI maps dashes, dots and underscores to the same character. */
    static boolean isReserved(String lowerCaseName) {
        String folded = folded(lowerCaseName);
        return RESERVED.contains(folded) || RESERVED_PREFIXES.stream().anyMatch(folded::startsWith);
    }

    /**
     * Whether the single service-token header held service-token credentials; otherwise its value belongs to the
     * application.
     */
    static boolean holdsServiceToken(List<String> values) {
        return values.stream()
                .map(value -> value.toLowerCase(Locale.ROOT))
                .anyMatch(value -> value.contains("cf-access-client-id") || value.contains("cf-access-client-secret"));
    }

    private static void trace(HttpHeaders headers, String ray) {
        List<String> given = headers.getAll("traceparent");
        boolean usable =
                given.size() == 1 && TRACEPARENT.matcher(given.getFirst()).matches();
        String traceId = usable ? given.getFirst().substring(3, 35) : Rays.next() + Rays.next();
        String flags = usable ? given.getFirst().substring(53) : "00";
        headers.set("traceparent", "00-" + traceId + "-" + ray + "-" + flags);
        List<String> state = headers.getAll("tracestate");
        if (!state.isEmpty()
                && (!usable
                        || state.size() > 1
                        || !TRACESTATE.matcher(state.getFirst()).matches())) {
            headers.remove("tracestate");
        }
    }
}
