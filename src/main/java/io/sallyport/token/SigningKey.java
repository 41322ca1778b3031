package io.sallyport.token;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * One RSA key pair that signs tokens, with a self-signed certificate for validators that want PEM. Its {@link #kid} is the
 * hex SHA-256 of the public key, so one id can never stand for two keys.
 */
public final class SigningKey {
    private static final int BITS = 2048;

    /** Longer than any rotation interval plus overlap, so that a certificate never expires while its key is in use. */
    private static final Duration CERTIFICATE_LIFE = Duration.ofDays(5 * 365);

    private final RSAPublicKey publicKey;
    private final RSAPrivateKey privateKey;
    private final String certificatePem;
    private final String kid;
    private final Scheme published;
    private final Scheme own;

    private SigningKey(RSAPublicKey publicKey, RSAPrivateKey privateKey, String certificatePem) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.certificatePem = certificatePem;
        this.kid = kidOf(publicKey);
        this.published = Scheme.published(kid, publicKey, privateKey);
        this.own = Scheme.own(kid, privateKey);
    }

    /** Makes a new key. Takes some tenths of a second. */
    public static SigningKey generate(Instant now) {
        KeyPair pair = SelfSigned.rsa(BITS);
        RSAPublicKey publicKey = (RSAPublicKey) pair.getPublic();
        String name = "Sallyport token signing " + kidOf(publicKey).substring(0, 16);
        return new SigningKey(
                publicKey,
                (RSAPrivateKey) pair.getPrivate(),
                SelfSigned.pem(pair, name, KeyUsage.digitalSignature, now, now.plus(CERTIFICATE_LIFE)));
    }

    /**
     * Puts a stored key together again.
     *
     * @param pkcs8 what {@link #exposePrivateKeyBytes} gave
     * @throws GeneralSecurityException when the parts are damaged or not of one key
     */
    public static SigningKey load(byte[] pkcs8, String certificatePem) throws GeneralSecurityException {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.US_ASCII)));
        if (!(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8))
                        instanceof RSAPrivateKey privateKey)
                || !(certificate.getPublicKey() instanceof RSAPublicKey publicKey)
                || !privateKey.getModulus().equals(publicKey.getModulus())) {
            throw new GeneralSecurityException("a stored signing key does not fit its certificate");
        }
        return new SigningKey(publicKey, privateKey, certificatePem);
    }

    private static String kidOf(RSAPublicKey key) {
        return HexFormat.of().formatHex(Sha256.of(key.getEncoded()));
    }

    /** Hex SHA-256 of the public key (SubjectPublicKeyInfo): 64 digits. */
    public String kid() {
        return kid;
    }

    /** The self-signed certificate with the public key. */
    public String certificatePem() {
        return certificatePem;
    }

    /** The private key as PKCS#8, to be wrapped by {@link KeyWrapper} at once: it goes nowhere in clear (JW-01). */
    public byte[] exposePrivateKeyBytes() {
        return privateKey.getEncoded();
    }

    RSAPublicKey publicKey() {
        return publicKey;
    }

    /** How it signs what others verify: applications' tokens, and all that travels beside them. */
    Scheme published() {
        return published;
    }

    /** How it signs what only we read. */
    Scheme own() {
        return own;
    }

    @Override
    public String toString() {
        return "SigningKey[" + kid + "]";
    }
}
