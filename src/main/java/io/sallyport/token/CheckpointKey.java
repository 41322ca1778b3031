package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The long-lived P-256 key that signs checkpoints of the audit trail (ES256, RFC 7518 §3.4). Not one of the rotating keys: what it
 * signed must be checkable years later, by whoever noted its {@link #kid}. The signature carries the public key, so that a file can be
 * checked for itself, and against the noted id.
 */
public final class CheckpointKey {
    /** Sets a checkpoint apart from every token (RFC 8725 §3.11). */
    private static final JOSEObjectType TYPE = new JOSEObjectType("sallyport-audit-checkpoint+jws");

    private final ECPublicKey publicKey;
    private final ECPrivateKey privateKey;
    private final String kid;

    private CheckpointKey(ECPublicKey publicKey, ECPrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.kid = kidOf(publicKey);
    }

    /**
     * A payload whose signature is good.
     *
     * @param kid of the key that signed: hex SHA-256 of the public key
     */
    public record Signed(String kid, String payload) {}

    /** Makes a new key. */
    public static CheckpointKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new CheckpointKey((ECPublicKey) pair.getPublic(), (ECPrivateKey) pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make a P-256 key", e);
        }
    }

    /**
     * Puts a stored key together again.
     *
     * @throws GeneralSecurityException when a part is damaged
     */
    public static CheckpointKey load(byte[] pkcs8, byte[] publicKey) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new CheckpointKey((ECPublicKey) factory.generatePublic(new X509EncodedKeySpec(publicKey)), (ECPrivateKey)
                factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }

    /** Hex SHA-256 of the public key (SubjectPublicKeyInfo): 64 digits, the thing to note down elsewhere. */
    public String kid() {
        return kid;
    }

    /** The public key, as SubjectPublicKeyInfo. */
    public byte[] publicKeyBytes() {
        return publicKey.getEncoded();
    }

    /** The private key as PKCS#8, to be wrapped by {@link KeyWrapper} at once: it goes nowhere in clear. */
    public byte[] exposePrivateKeyBytes() {
        return privateKey.getEncoded();
    }

    /** Signs a payload; the answer is a compact JWS. */
    public String sign(String payload) {
        try {
            JWSObject object = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .type(TYPE)
                            .keyID(kid)
                            .jwk(new ECKey.Builder(Curve.P_256, publicKey).build())
                            .build(),
                    new Payload(payload));
            object.sign(new ECDSASigner(privateKey));
            return object.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    /** The payload of a signed text, and which key signed it; empty for everything else. Whose key that is, the caller must know. */
    public static Optional<Signed> verify(String jws) {
        try {
            JWSObject object = JWSObject.parse(jws);
            JWSHeader header = object.getHeader();
            if (!JWSAlgorithm.ES256.equals(header.getAlgorithm())
                    || !TYPE.equals(header.getType())
                    || !(header.getJWK() instanceof ECKey key)
                    || !Curve.P_256.equals(key.getCurve())) {
                return Optional.empty();
            }
            ECPublicKey publicKey = key.toECPublicKey();
            return object.verify(new ECDSAVerifier(publicKey))
                    ? Optional.of(
                            new Signed(kidOf(publicKey), object.getPayload().toString()))
                    : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    private static String kidOf(ECPublicKey key) {
        return HexFormat.of().formatHex(Sha256.of(key.getEncoded()));
    }

    @Override
    public String toString() {
        return "CheckpointKey[" + kid + "]";
    }
}
