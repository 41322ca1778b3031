package io.sallyport.tunnel;

import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of the tunnel listeners, for both transports: a certificate from files, or one of our own authority. It is
 * renewed while the listeners run: new connections get the new certificate, open ones are not affected.
 */
final class TunnelTls {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelTls.class);

    /** The TLS 1.2 ciphers that HTTP/2 permits (RFC 9113 appendix A). */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

    /**
     * The post-quantum hybrid first: a connector with {@code --post-quantum} offers no other. cloudflared falls back to
     * the last one.
     */
    static final List<String> GROUPS = List.of("X25519MLKEM768", "X25519", "P-256", "P-384");

    /**
     * Type of the key store that passes the key to Netty within this process. The default type (PKCS12) would encrypt
     * and decrypt it with ten thousand rounds of key derivation, which took a twentieth of the CPU time of a start.
     */
    private static final String IN_MEMORY = "JKS";

    private final CertificateSource source;
    private final InstantSource clock;
    private volatile @Nullable Contexts contexts;

    /** The TLS contexts of one certificate. */
    private record Contexts(SslContext tcp, QuicSslContext quic, X509Certificate leaf) {}

    /** @param authority asked only when no certificate is configured */
    TunnelTls(TunnelSettings settings, Supplier<TunnelAuthority> authority, InstantSource clock) {
        Path certificate = settings.tunnel().certificate();
        Path key = settings.tunnel().key();
        this.source = certificate != null && key != null
                ? new CertificateSource.PemFiles(certificate, key)
                : new CertificateSource.OwnAuthority(
                        authority, settings.dataDir().resolve("tunnel-ca.pem"), clock);
        this.clock = clock;
    }

    /** @throws CertificateSource.UnusableException when there is no usable certificate */
    void start() {
        if (!OpenSsl.isAvailable()) {
            LOG.warn("no BoringSSL for this machine: connectors with --post-quantum can connect over QUIC only");
        }
        contexts = source.next().map(TunnelTls::ready).orElse(contexts);
    }

    /** The context for new connections over TCP. */
    SslContext forTcp() {
        return current().tcp();
    }

    /** The context for new connections over UDP. */
    QuicSslContext forQuic() {
        return current().quic();
    }

    private Contexts current() {
        Contexts known = contexts;
        if (known == null) {
            throw new IllegalStateException("not started yet");
        }
        return known;
    }

    /** Switches to a newer certificate if there is one; an unusable one is ignored. Blocks; one thread at a time. */
    void renew() {
        try {
            source.next().ifPresent(identity -> {
                Contexts next = ready(identity);
                contexts = next;
                LOG.info(
                        "the tunnel listeners have a new certificate, valid until {}",
                        next.leaf().getNotAfter().toInstant());
            });
        } catch (RuntimeException e) {
            LOG.error("the tunnel listeners keep the old certificate: {}", e.getMessage());
        }
    }

    /** Time until the current certificate expires; zero when there is none. */
    Duration left() {
        Contexts known = contexts;
        return known == null
                ? Duration.ZERO
                : Duration.between(clock.instant(), known.leaf().getNotAfter().toInstant());
    }

    private static Contexts ready(SharedAuthority.Identity own) {
        try {
            SslContextBuilder tcp = SslContextBuilder.forServer(own.key(), own.chain())
                    .sslProvider(SslProvider.JDK)
                    .keyStoreType(IN_MEMORY)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(CIPHERS);
            if (OpenSsl.isAvailable()) { // BoringSSL, where there is a build for this machine, because it supports the
                // hybrid key exchange
                tcp.sslProvider(SslProvider.OPENSSL).option(OpenSslContextOption.GROUPS, GROUPS.toArray(String[]::new));
            }
            QuicSslContext quic = QuicSslContextBuilder.forServer(holder(own), null)
                    .option(BoringSSLContextOption.GROUPS, GROUPS.toArray(String[]::new))
                    .applicationProtocols(QuicEdge.ALPN)
                    .build();
            return new Contexts(tcp.build(), quic, own.chain().getFirst());
        } catch (SSLException | GeneralSecurityException e) {
            throw new CertificateSource.UnusableException(
                    "the certificate of the tunnel listeners cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyManagerFactory holder(SharedAuthority.Identity own)
            throws GeneralSecurityException, SSLException {
        char[] none = new char[0];
        try {
            KeyStore store = KeyStore.getInstance(IN_MEMORY);
            store.load(null, none);
            store.setKeyEntry("key", own.key(), none, own.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory holder = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            holder.init(store, none);
            return holder;
        } catch (IOException e) {
            throw new SSLException("nothing was read", e);
        }
    }
}
