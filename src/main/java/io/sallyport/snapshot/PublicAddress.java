package io.sallyport.snapshot;

import org.jspecify.annotations.Nullable;

/** The public scheme and port, which together with the team domain make the issuer of every token. */
final class PublicAddress {
    private final String scheme;
    private final @Nullable Integer configuredPort;
    private volatile int listenerPort;

    /** @param listenerPort 0 until the listener has one */
    PublicAddress(SnapshotSettings settings, int listenerPort) {
        this.scheme = settings.publicScheme() == null ? "http" : settings.publicScheme();
        this.configuredPort = settings.publicPort();
        this.listenerPort = listenerPort;
    }

    /** Whether the port, and so the issuer, is known yet. */
    boolean known() {
        return port() != 0;
    }

    /** Sets the listener's port. */
    void listening(int port) {
        listenerPort = port;
    }

    /** {@code https://auth.example.com}, with the port when it is not the scheme's own; no trailing slash. */
    String issuer(String authDomain) {
        boolean usual = port() == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + authDomain + (usual ? "" : ":" + port());
    }

    private int port() {
        if (configuredPort != null) {
            return configuredPort;
        }
        // A scheme other than the listener's means that a load balancer is in front, which has the scheme's default
        // port.
        return scheme.equals("https") ? 443 : listenerPort;
    }
}
