package io.sallyport.tunnel;

import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** TLS of the tunnel listeners: a certificate from files, or one of our own authority's, for both transports. */
final class TunnelTls {
    /** HTTP/2 refuses the rest of TLS 1.2 (RFC 9113 appendix A). */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

    private final TunnelSettings settings;
    private final Supplier<TunnelAuthority> authority;
    private final InstantSource clock;
    private SharedAuthority.@Nullable Identity identity;

    /** @param authority asked only when no certificate is configured */
    TunnelTls(TunnelSettings settings, Supplier<TunnelAuthority> authority, InstantSource clock) {
        this.settings = settings;
        this.authority = authority;
        this.clock = clock;
    }

    SslContext forTcp() {
        SharedAuthority.Identity own = identity();
        try {
            return SslContextBuilder.forServer(own.key(), own.chain())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(CIPHERS)
                    .build();
        } catch (IOException e) {
            throw new UnusableException(e);
        }
    }

    QuicSslContext forQuic() {
        SharedAuthority.Identity own = identity();
        return QuicSslContextBuilder.forServer(own.key(), null, own.chain().toArray(X509Certificate[]::new))
                .applicationProtocols(QuicEdge.ALPN)
                .build();
    }

    private SharedAuthority.Identity identity() {
        SharedAuthority.Identity known = identity;
        if (known == null) {
            Path certificate = settings.tunnel().certificate();
            Path key = settings.tunnel().key();
            known = certificate != null && key != null ? configured(certificate, key) : own();
            identity = known;
        }
        return known;
    }

    private SharedAuthority.Identity own() {
        TunnelAuthority ours = authority.get();
        Path file = settings.dataDir().resolve("tunnel-ca.pem");
        try {
            Files.createDirectories(settings.dataDir());
            Files.writeString(file, ours.certificatePem());
        } catch (IOException e) {
            throw new UnusableException(e);
        }
        return ours.issue(clock.instant());
    }

    private static SharedAuthority.Identity configured(Path certificate, Path key) {
        try (PEMParser chain = new PEMParser(Files.newBufferedReader(certificate));
                PEMParser secret = new PEMParser(Files.newBufferedReader(key))) {
            List<X509Certificate> certificates = new java.util.ArrayList<>();
            for (Object each = chain.readObject(); each != null; each = chain.readObject()) {
                if (each instanceof X509CertificateHolder holder) {
                    certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                }
            }
            if (certificates.isEmpty()) {
                throw new IOException(certificate + " holds no certificate");
            }
            return new SharedAuthority.Identity(privateKey(secret.readObject(), key), List.copyOf(certificates));
        } catch (IOException | java.security.cert.CertificateException e) {
            throw new UnusableException(e);
        }
    }

    private static PrivateKey privateKey(@Nullable Object read, Path file) throws IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        return switch (read) {
            case PrivateKeyInfo info -> converter.getPrivateKey(info);
            case PEMKeyPair pair -> converter.getKeyPair(pair).getPrivate();
            case null, default -> throw new IOException(file + " holds no private key");
        };
    }

    /** The certificate of the tunnel listeners cannot be used. */
    static final class UnusableException extends RuntimeException {
        UnusableException(Exception cause) {
            super("the certificate of the tunnel listeners cannot be used: " + cause.getMessage(), cause);
        }
    }
}
