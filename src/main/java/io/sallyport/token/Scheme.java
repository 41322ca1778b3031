package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * A signature algorithm used with a {@link SigningKey}. All of its tokens begin with the same characters, so that a
 * verifier looks key and algorithm up together and can be talked into no other (JW-03).
 */
final class Scheme {
    private static final int SECRET_BYTES = 32;

    private final JWSHeader header;
    private final String headerSegment;
    private final JWSSigner signer;
    private final JWSVerifier verifier;
    private final int signatureLength;

    private Scheme(JWSAlgorithm algorithm, String kid, JWSSigner signer, JWSVerifier verifier, int signatureBytes) {
        this.header = new JWSHeader(algorithm);
        this.headerSegment = StrictBase64.encode("{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"JWT\"}"
                .formatted(algorithm.getName(), kid)
                .getBytes(StandardCharsets.US_ASCII));
        this.signer = signer;
        this.verifier = verifier;
        this.signatureLength = (signatureBytes * 4 + 2) / 3;
    }

    /** RS256, which everybody can verify with the published key. Signing takes about a millisecond. */
    static Scheme published(String kid, RSAPublicKey publicKey, RSAPrivateKey privateKey) {
        return new Scheme(
                JWSAlgorithm.RS256,
                kid,
                new RSASSASigner(privateKey),
                new RSASSAVerifier(publicKey),
                publicKey.getModulus().bitLength() / 8);
    }

    /**
     * HS256 with a secret derived from the private key: every replica that can sign can verify, nobody else can do
     * either, and it ends with the key. Takes microseconds.
     */
    static Scheme own(String kid, RSAPrivateKey privateKey) {
        try {
            byte[] secret = secret(privateKey);
            return new Scheme(JWSAlgorithm.HS256, kid, new MACSigner(secret), new MACVerifier(secret), SECRET_BYTES);
        } catch (JOSEException e) {
            throw new IllegalStateException("32 bytes are enough for HS256", e);
        }
    }

    /** HKDF-SHA-256 (RFC 5869) of the private exponent, which is the same number however the key was stored. */
    private static byte[] secret(RSAPrivateKey privateKey) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(privateKey.getPrivateExponent().toByteArray())
                            .thenExpand("sallyport own tokens v1".getBytes(StandardCharsets.US_ASCII), SECRET_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF-SHA256", e);
        }
    }

    /** The first part of every token of this scheme. One that spells its header in another way is not ours (JW-05). */
    String headerSegment() {
        return headerSegment;
    }

    /** Characters of a signature. */
    int signatureLength() {
        return signatureLength;
    }

    /** The whole token around this payload. */
    String compact(String payload) {
        String signingInput = headerSegment + "." + payload;
        return signingInput + "." + sign(signingInput);
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
}
