package io.sallyport.tunnel;

import io.sallyport.token.KeyMatch;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** Provides the certificate of the tunnel listeners, at start and at each renewal. Not thread-safe. */
sealed interface CertificateSource {
    /**
     * The identity to use from now on; empty when the last one is still current. Blocks.
     *
     * @throws UnusableException when there is a new one that cannot be used; thrown once for each
     */
    Optional<SharedAuthority.Identity> next();

    /** Two PEM files, read again when one of them changes. */
    final class PemFiles implements CertificateSource {
        private final Path certificate;
        private final Path key;
        private byte[] known = {};

        PemFiles(Path certificate, Path key) {
            this.certificate = certificate;
            this.key = key;
        }

        @Override
        public Optional<SharedAuthority.Identity> next() {
            try {
                byte[] chain = Files.readAllBytes(certificate);
                byte[] secret = Files.readAllBytes(key);
                byte[] both = fingerprint(chain, secret);
                if (MessageDigest.isEqual(both, known)) {
                    return Optional.empty();
                }
                known = both;
                return Optional.of(read(text(chain), text(secret)));
            } catch (IOException | GeneralSecurityException e) {
                throw new UnusableException(
                        "the certificate of the tunnel listeners, in the PEM files that sallyport.tunnel.certificate and"
                                + " sallyport.tunnel.key name, cannot be used: " + e.getMessage(),
                        e);
            }
        }

        private static String text(byte[] pem) {
            return new String(pem, StandardCharsets.ISO_8859_1);
        }

        private static byte[] fingerprint(byte[] certificate, byte[] key) throws NoSuchAlgorithmException {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(certificate);
            return digest.digest(key);
        }

        private SharedAuthority.Identity read(String chain, String secret)
                throws IOException, GeneralSecurityException {
            List<X509Certificate> certificates = certificates(chain);
            if (certificates.isEmpty()) {
                throw new IOException(certificate + " contains no certificate");
            }
            PrivateKey own = privateKey(secret);
            if (!KeyMatch.fits(own, certificates.getFirst())) {
                throw new GeneralSecurityException("the key does not belong to the certificate");
            }
            return new SharedAuthority.Identity(own, certificates);
        }

        private static List<X509Certificate> certificates(String pem) throws IOException, CertificateException {
            List<X509Certificate> certificates = new ArrayList<>();
            try (PEMParser parser = new PEMParser(new StringReader(pem))) {
                for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
                    if (each instanceof X509CertificateHolder holder) {
                        certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                    }
                }
            }
            return List.copyOf(certificates);
        }

        private PrivateKey privateKey(String pem) throws IOException {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            try (PEMParser parser = new PEMParser(new StringReader(pem))) {
                return switch (parser.readObject()) {
                    case PrivateKeyInfo info -> converter.getPrivateKey(info);
                    case PEMKeyPair pair -> converter.getKeyPair(pair).getPrivate();
                    case null, default -> throw new IOException(key + " contains no private key");
                };
            }
        }
    }

    /**
     * Our own authority, whose certificate is also written to a file for connectors. A new leaf is issued when a third
     * of the current one's lifetime is left.
     */
    final class OwnAuthority implements CertificateSource {
        private final Supplier<TunnelAuthority> authority;
        private final Path file;
        private final InstantSource clock;
        private @Nullable Instant due;

        /** @param file where the authority's certificate is written at first */
        OwnAuthority(Supplier<TunnelAuthority> authority, Path file, InstantSource clock) {
            this.authority = authority;
            this.file = file;
            this.clock = clock;
        }

        @Override
        public Optional<SharedAuthority.Identity> next() {
            Instant now = clock.instant();
            if (due == null) {
                publish();
            } else if (now.isBefore(due)) {
                return Optional.empty();
            }
            SharedAuthority.Identity fresh = authority.get().issue(now);
            Instant end = fresh.chain().getFirst().getNotAfter().toInstant();
            due = end.minus(Duration.between(now, end).dividedBy(3));
            return Optional.of(fresh);
        }

        private void publish() {
            try {
                Path directory = file.getParent();
                if (directory != null) {
                    Files.createDirectories(directory);
                }
                replace(authority.get().certificatePem());
            } catch (IOException e) {
                throw new UnusableException(
                        "the certificate that connectors are to trust cannot be written to " + file + ": "
                                + e.getMessage(),
                        e);
            }
        }

        /** On a full disk, connectors keep the file that they were told to trust. */
        private void replace(String pem) throws IOException {
            if (Files.exists(file) && Files.readString(file).equals(pem)) {
                return;
            }
            Path draft = file.resolveSibling(file.getFileName() + ".new");
            try {
                Files.writeString(draft, pem);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        }
    }

    /** A certificate cannot be used. */
    final class UnusableException extends RuntimeException {
        UnusableException(String sentence, Exception cause) {
            super(sentence, cause);
        }
    }
}
