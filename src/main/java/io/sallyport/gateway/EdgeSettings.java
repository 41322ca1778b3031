package io.sallyport.gateway;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the edge is told at start (design/contract.md, Listeners and Hosts).
 *
 * @param authDomain the team domain
 * @param consoleDomain admin REST and dashboard; on loopback {@code localhost}, {@code 127.0.0.1} and {@code [::1]} are the same
 * @param publicScheme what browsers see when a balancer ends TLS; null means the listener's own
 * @param publicPort what browsers see in front of a balancer; null means what they wrote
 * @param trustedProxies CIDRs whose {@code X-Forwarded-*} and {@code Forwarded} are read; empty means nobody's
 */
@ConfigurationProperties("sallyport")
record EdgeSettings(
        @DefaultValue("auth.localhost") String authDomain,
        @DefaultValue("console.localhost") String consoleDomain,
        @Nullable String publicScheme,
        @Nullable Integer publicPort,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue Geo geo,
        @DefaultValue Https https,
        @DefaultValue Tls tls,
        @DefaultValue AccessLog accessLog) {
    /** @param port where TLS is spoken once a certificate is configured; 0 picks a free one */
    record Https(@DefaultValue("8443") int port) {}

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

    /** @param database in MaxMind's format; null means that no country is known and {@code geo} rules are undecided */
    record Geo(@Nullable Path database) {}

    /** @param format {@code json} or {@code text} */
    record AccessLog(@DefaultValue("json") Format format) {
        enum Format {
            JSON,
            TEXT
        }
    }
}
