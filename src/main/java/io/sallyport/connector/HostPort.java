package io.sallyport.connector;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A host with its port.
 *
 * @param host a name or an address, an IPv6 address without brackets
 */
record HostPort(String host, int port) {
    static final int HIGHEST_PORT = 65_535;

    /**
     * Reads {@code HOST:PORT} or {@code HOST}.
     *
     * @param usualPort for a text without one
     * @return null when the text is neither
     */
    static @Nullable HostPort parse(String text, int usualPort) {
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon > text.lastIndexOf(']') && (text.startsWith("[") || text.indexOf(':') == colon);
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '@')) {
            return null;
        }
        try {
            int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : usualPort;
            return port < 0 || port > HIGHEST_PORT ? null : new HostPort(host, port);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The host in a request's {@code Host}, an IPv6 address with its brackets. */
    static String hostOf(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    /** The address that a host spells; null when it is a name, which is not looked up. */
    static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException name) {
            return null;
        }
    }
}
