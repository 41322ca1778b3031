package io.sallyport.tunnel;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the tunnel listeners.
 *
 * @param dataDir where the certificate of our own authority is written
 */
@ConfigurationProperties("sallyport")
record TunnelSettings(
        @DefaultValue("./data") Path dataDir, @DefaultValue Tunnel tunnel) {
    /**
     * The listeners.
     *
     * @param port TCP and UDP; 0 picks a free one
     * @param address {@code HOST:PORT} at which connectors reach it, as tokens and cert.pem tell them; null means the
     *     console's host and this port
     * @param certificate chain, leaf first, PEM; null means one of our own authority's
     * @param key PKCS#8, unencrypted, PEM
     * @param location short name of this site, shown in connectors' logs
     * @param managementHostname host of connectors' management requests; connectors must have the same setting
     */
    record Tunnel(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("7844") int port,
            @Nullable String address,
            @Nullable Path certificate,
            @Nullable Path key,
            @DefaultValue("sallyport") String location,
            @DefaultValue("management.argotunnel.com") String managementHostname) {
        private static final Pattern ADDRESS = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):[1-9][0-9]{0,4}");

        /**
         * @throws IllegalArgumentException when the port or address is invalid, or only one of certificate and key is
         *     given
         */
        Tunnel {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("sallyport.tunnel.port must be between 0 and 65535");
            }
            if (address != null && !ADDRESS.matcher(address).matches()) {
                throw new IllegalArgumentException(
                        "sallyport.tunnel.address must be HOST:PORT, such as gate.example.com:7844");
            }
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(
                        "sallyport.tunnel.certificate and sallyport.tunnel.key belong together: set both or neither");
            }
        }
    }
}
