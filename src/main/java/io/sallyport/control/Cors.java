package io.sallyport.control;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** What may stand in {@code cors_headers}. */
final class Cors {
    static final List<String> METHODS =
            List.of("GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private Cors() {}

    /** Scheme, host and optional port, nothing else (RFC 6454 §6.2); {@code *} has a switch of its own. */
    static boolean isOrigin(String text) {
        try {
            URI uri = new URI(text);
            return uri.getScheme() != null
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && String.valueOf(uri.getRawPath()).isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
