package io.sallyport.http;

import java.net.InetAddress;

/**
 * What the gateway's first filter established about a request. Stored in the exchange attribute {@link #ATTRIBUTE},
 * once, on every listener and host.
 *
 * @param face the part of the product that answers for the host
 * @param client the socket peer, or what the trusted-proxy chain says
 * @param secure whether the client uses TLS, on its own connection or as a trusted proxy reports
 * @param scheme what the browser sees: {@code http} or {@code https}
 * @param ray our request id: 16 hex digits, in logs, on pages, and towards the origin
 */
public record RequestContext(
        RequestTarget target, Face face, InetAddress client, boolean secure, String scheme, String ray) {
    /** Name of the exchange attribute. */
    public static final String ATTRIBUTE = "io.sallyport.http.RequestContext";

    /** The kinds of host. */
    public enum Face {
        /** Admin REST and dashboard. */
        CONSOLE,
        /** The team domain: login, callback, certs, launcher. */
        TEAM,
        /** What connectors say about themselves. */
        MANAGEMENT,
        /** Everything else: applications behind the gate. */
        APPLICATION
    }

    /** Scheme, host and, when the browser wrote one, port: {@code http://wiki.localhost:8080}. */
    public String origin() {
        return scheme + "://" + target.host() + (target.port() < 0 ? "" : ":" + target.port());
    }
}
