package io.sallyport.control;

import io.sallyport.http.HostName;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How names lead to tunnels.
 *
 * @param tunnelDomain every tunnel has a name below it, {@code UUID.tunnelDomain}, to which hostnames are aliases; where DNS is
 *     real, a wildcard record sends them to the edge
 * @param rfc2136 the DNS server that is told of aliases; null when nobody is
 */
@ConfigurationProperties("sallyport.dns")
record DnsSettings(
        @DefaultValue("tunnel.localhost") String tunnelDomain,
        @Nullable Rfc2136 rfc2136) {
    DnsSettings {
        requireHost("sallyport.dns.tunnel-domain", tunnelDomain);
        if (rfc2136 != null && isLocal(tunnelDomain) && !isLocal(rfc2136.zone())) {
            throw new IllegalArgumentException(
                    "sallyport.dns.tunnel-domain is " + tunnelDomain + ", and aliases of it in "
                            + rfc2136.zone() + " would lead everybody to their own machine; set it to a domain of which"
                            + " *.DOMAIN leads to the gateway");
        }
    }

    /**
     * A server that takes dynamic updates (RFC 2136), signed with a shared key (RFC 8945).
     *
     * @param server host, with a port unless it is 53
     * @param zone names outside it are not told
     * @param keyFile holds the key in base64
     */
    record Rfc2136(
            String server,
            String zone,
            String keyName,
            @DefaultValue("hmac-sha256") String keyAlgorithm,
            Path keyFile,
            @DefaultValue("5m") Duration ttl) {
        /** MD5 and SHA-1 are not for new keys (RFC 8945 §6). */
        private static final Map<String, String> ALGORITHMS =
                Map.of("hmac-sha256", "hmac-sha256.", "hmac-sha384", "hmac-sha384.", "hmac-sha512", "hmac-sha512.");

        /** @throws IllegalArgumentException when one of them is missing or invalid */
        Rfc2136 {
            require("server", server);
            require("zone", zone);
            require("key-name", keyName);
            require("key-file", keyFile);
            requireHost("sallyport.dns.rfc2136.zone", zone);
            if (addressOf(server) == null) {
                throw new IllegalArgumentException("sallyport.dns.rfc2136.server must be HOST or HOST:PORT");
            }
            if (!ALGORITHMS.containsKey(keyAlgorithm)) {
                throw new IllegalArgumentException(
                        "sallyport.dns.rfc2136.key-algorithm must be hmac-sha256, hmac-sha384 or hmac-sha512");
            }
            if (ttl.toSeconds() < 1 || ttl.toDays() > 7) {
                throw new IllegalArgumentException("sallyport.dns.rfc2136.ttl must be from 1s to 7d");
            }
        }

        /** Binding leaves a setting that is not there null, whatever its type says. */
        private static void require(String key, @Nullable Object value) {
            if (value == null) {
                throw new IllegalArgumentException(
                        "sallyport.dns.rfc2136." + key + " is missing: it needs server, zone, key-name and key-file");
            }
        }

        /** The server, as the authority of an address. */
        URI address() {
            return Objects.requireNonNull(addressOf(server));
        }

        private static @Nullable URI addressOf(String server) {
            try {
                URI address = new URI("dns://" + server);
                return address.getHost() == null
                                || address.getUserInfo() != null
                                || !address.getPath().isEmpty()
                        ? null
                        : address;
            } catch (URISyntaxException e) {
                return null;
            }
        }

        /** The algorithm's name in messages. */
        String algorithmName() {
            return String.valueOf(ALGORITHMS.get(keyAlgorithm));
        }
    }

    private static boolean isLocal(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost");
    }

    private static void requireHost(String setting, String value) {
        if (HostName.parse(value).isEmpty()) {
            throw new IllegalArgumentException(setting + " must be a host name");
        }
    }
}
