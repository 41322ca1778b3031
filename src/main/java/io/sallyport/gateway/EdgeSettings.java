package io.sallyport.gateway;

import io.sallyport.gateway.wire.EdgeLimits;
import io.sallyport.http.Cidr;
import io.sallyport.http.CidrTable;
import io.sallyport.http.FieldSyntax;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the gateway: its listeners and hosts.
 *
 * @param authDomain the team domain
 * @param consoleDomain admin REST and dashboard; on loopback {@code localhost}, {@code 127.0.0.1} and {@code [::1]} are
 *     the same
 * @param publicScheme what browsers see when a balancer ends TLS; null means the listener's own
 * @param trustedProxies CIDRs of proxies whose {@code X-Forwarded-*} and {@code Forwarded} fields are believed; empty
 *     means none
 */
@ConfigurationProperties("sallyport")
record EdgeSettings(
        @DefaultValue("auth.localhost") String authDomain,
        @DefaultValue("console.localhost") String consoleDomain,
        @Nullable String publicScheme,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue Geo geo,
        @DefaultValue Https https,
        @DefaultValue Tls tls,
        @DefaultValue ClientCertificate clientCertificate,
        @DefaultValue AccessLog accessLog,
        @DefaultValue EdgeLimits limits) {
    /** @throws IllegalArgumentException when a proxy is not an address or CIDR */
    EdgeSettings {
        trustedProxies.forEach(EdgeSettings::block);
    }

    /** The listed proxies. */
    CidrTable trusted() {
        return CidrTable.of(trustedProxies.stream().map(EdgeSettings::block).toList());
    }

    private static Cidr block(String proxy) {
        try {
            return Cidr.parse(proxy);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("sallyport.trusted-proxies: " + e.getMessage(), e);
        }
    }

    /** @param port of the TLS listener, which runs when a certificate is configured; 0 picks a free one */
    record Https(@DefaultValue("8443") int port) {
        Https {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("sallyport.https.port must be between 0 and 65535");
            }
        }
    }

    /**
     * The certificate of the TLS listener: two PEM files, or one made at start.
     *
     * @param certificate chain, leaf first
     * @param key PKCS#8, unencrypted
     */
    record Tls(
            @Nullable Path certificate,
            @Nullable Path key,
            @DefaultValue("false") boolean selfSigned) {
        /** @throws IllegalArgumentException when only half of the pair is given: a missing security setting stops the start */
        Tls {
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(
                        "sallyport.tls.certificate and sallyport.tls.key belong together: set both or neither");
            }
        }

        boolean configured() {
            return certificate != null || selfSigned;
        }
    }

    /**
     * Client certificates.
     *
     * @param header where the listed proxies write the certificate they verified; null means that they write none. Only one is
     *     believed, because a proxy passes on what it does not write: {@code Client-Cert} (RFC 9440), {@code ssl-client-cert},
     *     {@code X-Forwarded-Client-Cert} or any other
     * @param crlRefresh how long a fetched revocation list, or a responder's answer, is used before another is sought
     */
    record ClientCertificate(
            @Nullable String header, @DefaultValue("10m") Duration crlRefresh) {
        /**
         * @throws IllegalArgumentException when the header is not a field name, or lists would be fetched more often
         *     than every minute
         */
        ClientCertificate {
            if (header != null && !FieldSyntax.isToken(header)) {
                throw new IllegalArgumentException("sallyport.client-certificate.header must be the name of a header");
            }
            if (crlRefresh.compareTo(Duration.ofMinutes(1)) < 0) {
                throw new IllegalArgumentException(
                        "sallyport.client-certificate.crl-refresh must be at least a minute");
            }
        }
    }

    /**
     * @param database a file in MaxMind's format; null means that countries are unknown and {@code geo} rules stay
     *     undecided
     */
    record Geo(@Nullable Path database) {}

    /** @param format {@code json} or {@code text} */
    record AccessLog(@DefaultValue("json") Format format) {
        enum Format {
            JSON,
            TEXT
        }
    }
}
