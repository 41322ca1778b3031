package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * One RSA key pair that signs tokens, with a self-signed certificate for validators that want PEM (§8.1). Its {@link #kid} is the
 * hex SHA-256 of the public key, so one id can never stand for two keys.
 */
public final class SigningKey {
    private static final int BITS = 2048;

    /** Longer than any rotation interval plus overlap, so that a certificate never expires while its key is in use. */
    private static final Duration CERTIFICATE_LIFE = Duration.ofDays(5 * 365);

    /** Origins' clocks may be behind ours. */
    private static final Duration CERTIFICATE_LEAD = Duration.ofDays(1);

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
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            KeyPair pair = generator.generateKeyPair();
            RSAPublicKey publicKey = (RSAPublicKey) pair.getPublic();
            return new SigningKey(publicKey, (RSAPrivateKey) pair.getPrivate(), selfSign(pair, kidOf(publicKey), now));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("this Java cannot make an RSA key and its certificate", e);
        }
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

    private static String selfSign(KeyPair pair, String kid, Instant now)
            throws OperatorCreationException, CertIOException, GeneralSecurityException {
        X500Name name = new X500Name("CN=Sallyport token signing " + kid.substring(0, 16));
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
                        Date.from(now.minus(CERTIFICATE_LEAD)),
                        Date.from(now.plus(CERTIFICATE_LIFE)),
                        name,
                        pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        byte[] der;
        try {
            der = builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate()))
                    .getEncoded();
        } catch (java.io.IOException e) {
            throw new GeneralSecurityException("a certificate could not be encoded", e);
        }
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    private static String kidOf(RSAPublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
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
