package io.sallyport.gateway;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.sallyport.token.KeyMatch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS certificate from two PEM files, which are read again when they change: new connections get the new
 * certificate, open ones are not affected. While the files are unusable, or do not match because they are just being
 * replaced, the old certificate stays in use.
 */
final class ListenerCertificate extends SslContext {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerCertificate.class);

    private final @Nullable Path certificate;
    private final @Nullable Path key;
    private byte[] fingerprint;
    private volatile ServerKey current;

    /** @throws GeneralSecurityException when the pair cannot be used */
    ListenerCertificate(Path certificate, Path key) throws IOException, GeneralSecurityException {
        this.certificate = certificate;
        this.key = key;
        Pair pair = read(certificate, key);
        this.fingerprint = pair.fingerprint();
        this.current = pair.build();
    }

    /** For a certificate made at start, which is never renewed. */
    ListenerCertificate(ServerKey key) {
        this.certificate = null;
        this.key = null;
        this.fingerprint = new byte[0];
        this.current = key;
    }

    /** The certificate for new connections. */
    ServerKey current() {
        return current;
    }

    /** Reads the files again; called from one thread. */
    void renew() {
        Path chain = certificate;
        Path secret = key;
        if (chain == null || secret == null) {
            return;
        }
        try {
            Pair pair = read(chain, secret);
            if (MessageDigest.isEqual(pair.fingerprint(), fingerprint)) {
                return;
            }
            fingerprint = pair.fingerprint(); // an unusable pair is logged once
            current = pair.build();
            LOG.info("the TLS listener has a new certificate: {}", chain);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            LOG.error("the TLS listener keeps its certificate, the new one cannot be used: {}", e.toString());
        }
    }

    private static Pair read(Path certificate, Path key) throws IOException {
        return new Pair(Files.readAllBytes(certificate), Files.readAllBytes(key));
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by fingerprint
    private record Pair(byte[] certificate, byte[] key) {
        byte[] fingerprint() {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(certificate);
                return digest.digest(key);
            } catch (GeneralSecurityException e) {
                throw new AssertionError("every JDK has SHA-256", e);
            }
        }

        ServerKey build() throws IOException, GeneralSecurityException {
            X509Certificate[] chain = toX509Certificates(new ByteArrayInputStream(certificate));
            PrivateKey secret = ofTheJdk(toPrivateKey(new ByteArrayInputStream(key), null));
            if (!KeyMatch.fits(secret, chain[0])) {
                throw new GeneralSecurityException("the key does not belong to the certificate");
            }
            return new ServerKey(secret, chain);
        }
    }

    /**
     * Netty reads PEM files with Bouncy Castle when it is on the classpath, but the JDK's TLS does not accept Bouncy
     * Castle's EC keys.
     */
    private static PrivateKey ofTheJdk(PrivateKey read) throws GeneralSecurityException {
        String algorithm = read.getAlgorithm().equals("ECDSA") ? "EC" : read.getAlgorithm();
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(read.getEncoded()));
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current.open().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the class we stand in for
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current.open().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc) {
        return current.open().newEngine(alloc);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
        return current.open().newEngine(alloc, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current.open().sessionContext();
    }
}
