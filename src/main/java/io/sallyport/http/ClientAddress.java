package io.sallyport.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The client's address: the socket's peer or, behind trusted proxies, the forwarded address (PN-13, HH-03). Forwarding
 * headers of other peers are ignored.
 *
 * <p>The chain is walked from its near end: each address was written by the hop after it, so it counts as long as that
 * hop is listed, and the first one that is not listed is the client. Entries further left may be forged.
 *
 * @param scheme {@code http} or {@code https} as the listed proxy saw it; null when it does not say
 * @param host the host the listed proxy was asked for; null when it does not say
 */
public record ClientAddress(
        InetAddress address,
        @Nullable String scheme,
        @Nullable String host) {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_PREFIX_BYTES = 8;

    /** One hop of the chain as the next one described it. */
    private record Hop(
            Optional<InetAddress> from,
            @Nullable String scheme,
            @Nullable String host) {}

    /** What limits count by: an IPv4 address, or the /64 that one IPv6 subscriber has. */
    public static String source(InetAddress client) {
        byte[] address = client.getAddress();
        return address.length == IPV4_BYTES
                ? client.getHostAddress()
                : HexFormat.of().formatHex(Arrays.copyOf(address, IPV6_PREFIX_BYTES));
    }

    /**
     * Works out the client.
     *
     * @param peer the socket's other end
     * @param trustedProxies {@code sallyport.trusted-proxies}
     * @param headers all values of a field, in order; an empty list when there is none
     * @return empty when a listed proxy lets two contradicting accounts through ({@code X-Forwarded-For} and {@code Forwarded}):
     *     one of them may be the client's own, so the request is answered 400
     */
    public static Optional<ClientAddress> resolve(
            InetAddress peer, CidrTable trustedProxies, Function<String, List<String>> headers) {
        if (!trustedProxies.contains(peer)) {
            return Optional.of(new ClientAddress(peer, null, null));
        }
        List<Hop> customary = xForwarded(headers);
        List<Hop> standard = forwarded(headers.apply("Forwarded"));
        ClientAddress byCustom = walk(peer, customary, trustedProxies);
        if (standard.isEmpty()) {
            return Optional.of(byCustom);
        }
        ClientAddress byStandard = walk(peer, standard, trustedProxies);
        boolean onlyStandard = headers.apply("X-Forwarded-For").isEmpty();
        return onlyStandard || byCustom.address.equals(byStandard.address)
                ? Optional.of(new ClientAddress(
                        byStandard.address,
                        byStandard.scheme == null ? byCustom.scheme : byStandard.scheme,
                        byStandard.host == null ? byCustom.host : byStandard.host))
                : Optional.empty();
    }

    private static ClientAddress walk(InetAddress peer, List<Hop> hops, CidrTable trusted) {
        InetAddress client = peer;
        String scheme = null;
        String host = null;
        for (Hop hop : hops.reversed()) {
            if (!trusted.contains(client)) {
                break;
            }
            scheme = hop.scheme == null ? scheme : hop.scheme;
            host = hop.host == null ? host : hop.host;
            if (hop.from.isEmpty()) {
                break; // the listed hop hides or does not know its peer: it is the last one we know
            }
            client = hop.from.get();
        }
        return new ClientAddress(client, scheme, host);
    }

    /** Proto and Host have one value for all hops, or one for each; a list of another length has only its near end to trust. */
    private static List<Hop> xForwarded(Function<String, List<String>> headers) {
        List<String> addresses = split(headers.apply("X-Forwarded-For"), ',');
        List<String> schemes = split(headers.apply("X-Forwarded-Proto"), ',');
        List<String> hosts = split(headers.apply("X-Forwarded-Host"), ',');
        List<Hop> hops = new ArrayList<>();
        int count = Math.max(addresses.size(), schemes.isEmpty() && hosts.isEmpty() ? 0 : 1);
        for (int i = 0; i < count; i++) {
            hops.add(new Hop(
                    i < addresses.size() ? address(addresses.get(i)) : Optional.empty(),
                    scheme(aligned(schemes, i, count)),
                    aligned(hosts, i, count)));
        }
        return hops;
    }

    private static @Nullable String aligned(List<String> values, int i, int count) {
        if (values.size() == count) {
            return values.get(i);
        }
        return i == count - 1 && !values.isEmpty() ? values.getLast() : null;
    }

    /** RFC 7239: elements by comma, pairs by semicolon; quoted strings hold either. */
    private static List<Hop> forwarded(List<String> fields) {
        List<Hop> hops = new ArrayList<>();
        for (String element : split(fields, ',')) {
            Optional<InetAddress> from = Optional.empty();
            String scheme = null;
            String host = null;
            for (String pair : split(List.of(element), ';')) {
                int equals = pair.indexOf('=');
                String value = equals < 0 ? "" : unquote(pair.substring(equals + 1));
                switch (equals < 0 ? "" : pair.substring(0, equals).toLowerCase(Locale.ROOT)) {
                    case "for" -> from = address(value);
                    case "proto" -> scheme = scheme(value);
                    case "host" -> host = value;
                    default -> {} // "by" and extensions say nothing about the client
                }
            }
            hops.add(new Hop(from, scheme, host));
        }
        return hops;
    }

    private static List<String> split(List<String> fields, char separator) {
        List<String> parts = new ArrayList<>();
        for (String field : fields) {
            boolean quoted = false;
            int from = 0;
            for (int i = 0; i < field.length(); i++) {
                char c = field.charAt(i);
                if (c == '"') {
                    quoted = !quoted;
                } else if (c == separator && !quoted) {
                    parts.add(field.substring(from, i).strip());
                    from = i + 1;
                }
            }
            parts.add(field.substring(from).strip());
        }
        return parts;
    }

    private static String unquote(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }

    private static @Nullable String scheme(@Nullable String value) {
        String lower = value == null ? "" : value.toLowerCase(Locale.ROOT);
        return lower.equals("http") || lower.equals("https") ? lower : null;
    }

    /** {@code 192.0.2.1}, {@code 2001:db8::1}, {@code [2001:db8::1]}, each but the second also with a port. */
    private static Optional<InetAddress> address(String text) {
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket > 0) {
            String after = text.substring(bracket + 1);
            return after.isEmpty() || isPort(after)
                    ? IpAddress.parse6(text.substring(1, bracket)).map(IpAddress::toInetAddress)
                    : Optional.empty();
        }
        int colon = text.indexOf(':');
        boolean port = colon > 0 && colon == text.lastIndexOf(':') && isPort(text.substring(colon));
        return IpAddress.parse(port ? text.substring(0, colon) : text).map(IpAddress::toInetAddress);
    }

    private static boolean isPort(String text) {
        return text.length() > 1
                && text.length() <= 6
                && text.startsWith(":")
                && text.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
    }
}
