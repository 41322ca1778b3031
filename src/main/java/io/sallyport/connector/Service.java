package io.sallyport.connector;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The destination of a rule. It is fixed: nothing in a request can change the address (TU-09). */
public sealed interface Service {
    /** An HTTP server, {@code ws} and {@code wss} included. */
    record Http(String host, int port, boolean tls) implements Service {
        /** Scheme, host and port, in the form for a proxy. */
        String origin() {
            return (tls ? "https://" : "http://") + authority();
        }

        /** Host and port. */
        String authority() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }

        @Override
        public String toString() {
            return origin();
        }
    }

    /** An HTTP server at a Unix socket. */
    record Unix(Path path, boolean tls) implements Service {
        @Override
        public String toString() {
            return (tls ? "unix+tls:" : "unix:") + path;
        }
    }

    /** A TCP server; bytes are carried in a WebSocket. */
    record Tcp(String host, int port) implements Service {
        @Override
        public String toString() {
            return "tcp://" + host + ":" + port;
        }
    }

    /** A fixed answer. */
    record Status(int code) implements Service {}

    /** The built-in test site. */
    record HelloWorld() implements Service {}

    /** TCP to the host that the client names. */
    record Bastion() implements Service {}

    /** A SOCKS5 server with {@code ipRules}. */
    record Socks() implements Service {}

    private static int port(String scheme) {
        return Map.of("http", 80, "ws", 80, "https", 443, "wss", 443, "ssh", 22, "rdp", 3389, "smb", 445)
                .getOrDefault(scheme, 7864);
    }

    /**
     * Reads a service string. An unknown scheme means TCP, as in cloudflared.
     *
     * @throws InvalidConfiguration in cloudflared's words
     */
    static Service parse(String text) {
        if (text.startsWith("http_status:")) {
            return new Status(status(text.substring("http_status:".length())));
        }
        if (text.startsWith("unix:")) {
            return new Unix(Path.of(text.substring("unix:".length())), false);
        }
        if (text.startsWith("unix+tls:")) {
            return new Unix(Path.of(text.substring("unix+tls:".length())), true);
        }
        return switch (text) {
            case "hello_world", "hello-world" -> new HelloWorld();
            case "bastion" -> new Bastion();
            case "socks-proxy" -> new Socks();
            default -> address(text);
        };
    }

    private static Service address(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new InvalidConfiguration(text + " is an invalid address: " + e.getReason());
        }
        String host = uri.getHost();
        if (uri.getScheme() == null || host == null) {
            throw new InvalidConfiguration(
                    text + " is an invalid address, please make sure it has a scheme and a hostname");
        }
        if (uri.getRawPath() != null && !uri.getRawPath().isEmpty()) {
            throw new InvalidConfiguration(text + " is an invalid address, ingress rules don't support proxying to a"
                    + " different path on the origin service. The path will be the same as the eyeball request's path");
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() < 0 ? port(scheme) : uri.getPort();
        return switch (scheme) {
            case "http", "ws" -> new Http(bare, port, false);
            case "https", "wss" -> new Http(bare, port, true);
            default -> new Tcp(bare, port);
        };
    }

    private static int status(String digits) {
        try {
            int code = Integer.parseInt(digits);
            if (code >= 100 && code <= 999) {
                return code;
            }
        } catch (NumberFormatException notANumber) {
            // reported below
        }
        throw new InvalidConfiguration(
                "invalid HTTP status code '" + digits + "': write http_status:100 to http_status:999");
    }
}
