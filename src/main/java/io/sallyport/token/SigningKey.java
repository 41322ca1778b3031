package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
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
 * One RSA key pair that signs tokens, with a self-signed certificate for validators that want PEM (§8.1). Its {@link #kid} is the
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
    private final JWSHeader header;
    private final String headerSegment;
    private final RSASSASigner signer;
    private final RSASSAVerifier verifier;

    private SigningKey(RSAPublicKey publicKey, RSAPrivateKey privateKey, String certificatePem) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.certificatePem = certificatePem;
        this.kid = kidOf(publicKey);
        this.headerSegment = StrictBase64.encode("{\"alg\":\"RS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}"
                .formatted(kid)
                .getBytes(StandardCharsets.US_ASCII));
        this.header = new JWSHeader(JWSAlgorithm.RS256);
        this.signer = new RSASSASigner(privateKey);
        this.verifier = new RSASSAVerifier(publicKey);
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

    /** The first part of every token this key signs. A token that spells its header in another way is not ours (JW-05). */
    String headerSegment() {
        return headerSegment;
    }

    /** Characters of a signature. */
    int signatureLength() {
        return (publicKey.getModulus().bitLength() / 8 * 4 + 2) / 3;
    }

    /** The base64url signature of {@code header.payload}. */
    String sign(String signingInput) {
        try {
            return signer.sign(header, signingInput.getBytes(StandardCharsets.US_ASCII))
                    .toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    boolean verifies(String signingInput, String signature) {
        try {
            return verifier.verify(header, signingInput.getBytes(StandardCharsets.US_ASCII), new Base64URL(signature));
        } catch (JOSEException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + kid + "]";
    }
}
