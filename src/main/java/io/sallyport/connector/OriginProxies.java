package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.sallyport.http.Cidr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that the environment names for HTTP origins, {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY}, read as
 * cloudflared reads them: upper-case names have precedence over lower-case ones, this machine is never reached
 * through a proxy, and {@code NO_PROXY} contains names (with all their subdomains), addresses, prefixes, or {@code *} for everything.
 *
 * @param http for origins without TLS; null for none
 * @param https for origins with TLS; null for none
 * @param bypasses destinations that are reached without a proxy
 */
public record OriginProxies(@Nullable Proxy http, @Nullable Proxy https, List<Bypass> bypasses) {
    /** Everything is reached directly. */
    public static final OriginProxies NONE = new OriginProxies(null, null, List.of());

    /** Copies the list. */
    public OriginProxies {
        bypasses = List.copyOf(bypasses);
    }

    /**
     * Reads the environment.
     *
     * @param variables returns a variable if it is set and not empty
     * @throws InvalidConfiguration when a proxy is named that cannot be used
     */
    public static OriginProxies of(Function<String, Optional<String>> variables) {
        List<Bypass> bypasses = new ArrayList<>();
        variable(variables, "NO_PROXY").ifPresent(list -> {
            for (String entry : list.split(",", -1)) {
                if (!entry.isBlank()) {
                    bypasses.add(Bypass.parse(entry.strip().toLowerCase(Locale.ROOT)));
                }
            }
        });
        return new OriginProxies(
                variable(variables, "HTTP_PROXY")
                        .map(url -> Proxy.parse("HTTP_PROXY", url))
                        .orElse(null),
                variable(variables, "HTTPS_PROXY")
                        .map(url -> Proxy.parse("HTTPS_PROXY", url))
                        .orElse(null),
                bypasses);
    }

    private static Optional<String> variable(Function<String, Optional<String>> variables, String name) {
        return variables.apply(name).or(() -> variables.apply(name.toLowerCase(Locale.ROOT)));
    }

    /** The proxy for a service; empty for a direct connection. */
    Optional<Proxy> of(Service.Http service) {
        String host = service.host().toLowerCase(Locale.ROOT);
        Proxy proxy = service.tls() ? https : http;
        InetAddress address = HostPort.literal(host);
        boolean isNear = host.equals("localhost") || (address != null && address.isLoopbackAddress());
        return isNear || bypasses.stream().anyMatch(each -> each.fits(host, address, service.port()))
                ? Optional.empty()
                : Optional.ofNullable(proxy);
    }

    /**
     * One entry of {@code NO_PROXY}.
     *
     * @param prefix of addresses; null for a name
     * @param suffix the name with a dot before it; {@code .} for everything
     * @param alone whether the name itself matches, in addition to its subdomains
     * @param port 0 for every port
     */
    record Bypass(@Nullable Cidr prefix, String suffix, boolean alone, int port) {
        static Bypass parse(String entry) {
            if (entry.equals("*")) {
                return new Bypass(null, ".", true, 0);
            }
            try {
                return new Bypass(Cidr.parse(entry), "", false, 0);
            } catch (IllegalArgumentException notAPrefix) {
                HostPort parsed = HostPort.parse(entry, 0);
                String host = parsed == null ? entry : parsed.host();
                int port = parsed == null ? 0 : parsed.port();
                if (HostPort.literal(host) != null) {
                    return new Bypass(Cidr.parse(host), "", false, port);
                }
                String name = host.startsWith("*.") ? host.substring(1) : host;
                return name.startsWith(".")
                        ? new Bypass(null, name, false, port)
                        : new Bypass(null, "." + name, true, port);
            }
        }

        boolean fits(String host, @Nullable InetAddress address, int at) {
            if (port != 0 && port != at) {
                return false;
            }
            if (prefix != null) {
                return address != null && prefix.contains(address);
            }
            return suffix.equals(".") || host.endsWith(suffix) || (alone && host.equals(suffix.substring(1)));
        }
    }

    /** The protocol of a proxy. */
    enum Kind {
        HTTP,
        SOCKS5
    }

    /**
     * One proxy.
     *
     * @param user empty for none
     */
    record Proxy(Kind kind, String host, int port, String user, String password) {
        private static final int HTTP_PORT = 80;
        private static final int SOCKS_PORT = 1080;

        static Proxy parse(String variable, String url) {
            URI uri;
            try {
                uri = new URI(url.contains("://") ? url : "http://" + url);
            } catch (URISyntaxException e) {
                throw unusable(variable);
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            Kind kind = switch (scheme) {
                case "http" -> Kind.HTTP;
                case "socks5", "socks5h" -> Kind.SOCKS5;
                default -> throw unusable(variable);
            };
            if (uri.getHost() == null) {
                throw unusable(variable);
            }
            String[] secret = uri.getUserInfo() == null
                    ? new String[] {""}
                    : uri.getUserInfo().split(":", 2);
            int usual = kind == Kind.HTTP ? HTTP_PORT : SOCKS_PORT;
            return new Proxy(
                    kind,
                    uri.getHost().replaceAll("[\\[\\]]", ""),
                    uri.getPort() < 0 ? usual : uri.getPort(),
                    secret[0],
                    secret.length > 1 ? secret[1] : "");
        }

        /** The message does not contain the value, because that may contain a password. */
        private static InvalidConfiguration unusable(String variable) {
            return new InvalidConfiguration(
                    variable + ": not the URL of a proxy; write http://HOST:PORT or socks5://HOST:PORT");
        }

        /** Whether it forwards HTTP requests for this service, instead of tunnelling bytes. */
        boolean isForwarding(Service.Http service) {
            return kind == Kind.HTTP && !service.tls();
        }

        /** The value of {@code Proxy-Authorization}. */
        Optional<String> authorization() {
            byte[] secret = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return user.isEmpty()
                    ? Optional.empty()
                    : Optional.of("Basic " + Base64.getEncoder().encodeToString(secret));
        }

        /** Connects to a service through this proxy, which resolves the service's name. */
        Future<Channel> dial(EventLoop loop, Service.Http service, Dialer.Manner manner) {
            if (isForwarding(service)) {
                return Dialer.connect(loop, host, port, manner);
            }
            Promise<Channel> connected = loop.newPromise();
            Dialer.resolve(loop, host).addListener((Future<List<InetAddress>> found) -> {
                if (found.isSuccess()) {
                    InetSocketAddress address =
                            new InetSocketAddress(found.getNow().getFirst(), port);
                    Dialer.connect(loop, handler(address), service.host(), service.port(), manner, connected);
                } else {
                    connected.setFailure(found.cause());
                }
            });
            return connected;
        }

        private ProxyHandler handler(InetSocketAddress address) {
            return switch (kind) {
                case HTTP ->
                    user.isEmpty() ? new HttpProxyHandler(address) : new HttpProxyHandler(address, user, password);
                case SOCKS5 ->
                    user.isEmpty() ? new Socks5ProxyHandler(address) : new Socks5ProxyHandler(address, user, password);
            };
        }

        @Override
        public String toString() {
            return kind + " proxy " + host + ":" + port;
        }
    }
}
