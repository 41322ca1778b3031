package io.sallyport.control;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What an ingress rule may name as its service. */
final class ServiceRules {
    private static final Set<String> WORDS = Set.of("hello_world", "hello-world", "bastion", "socks-proxy");
    private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss", "tcp", "ssh", "rdp", "smb");
    private static final Pattern STATUS = Pattern.compile("http_status:[1-9][0-9]{2}");
    private static final Pattern SOCKET = Pattern.compile("unix(\\+tls)?:/.+");

    private ServiceRules() {}

    /** Checks the member {@code service} of a rule. */
    static void check(Fields rule) {
        String service = rule.requiredLine("service", Limits.URL);
        if (WORDS.contains(service) || SOCKET.matcher(service).matches() || isBastion(rule)) {
            return;
        }
        if (service.startsWith("http_status:")) {
            if (!STATUS.matcher(service).matches()) {
                throw rule.invalid("service", "invalid HTTP status code: must be from 100 to 999");
            }
            return;
        }
        URI address = address(service);
        if (address == null || address.getScheme() == null || address.getHost() == null) {
            throw rule.invalid(
                    "service", service + " is an invalid address, please make sure it has a scheme and a hostname");
        }
        if (!SCHEMES.contains(address.getScheme().toLowerCase(Locale.ROOT))) {
            throw rule.invalid(
                    "service",
                    "has the scheme " + address.getScheme() + ", known are "
                            + String.join(", ", SCHEMES.stream().sorted().toList())
                            + ", unix, unix+tls, http_status:NNN, hello_world, bastion and socks-proxy");
        }
        if (!address.getRawPath().isEmpty() || address.getRawQuery() != null || address.getRawFragment() != null) {
            throw rule.invalid(
                    "service",
                    service + " is an invalid address, ingress rules don't support proxying to a different path on the"
                            + " origin service. The path will be the same as the eyeball request's path");
        }
    }

    private static boolean isBastion(Fields rule) {
        return rule.object("originRequest")
                .map(request -> request.isSet("bastionMode"))
                .orElse(false);
    }

    private static @Nullable URI address(String service) {
        try {
            return new URI(service);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
