package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The P-256 key that signs management tokens (ES256, because connectors take no other). Used for nothing else, so that no token of
 * another kind can pass for one (JW-04); connectors cannot check it, which is why the edge does before they see anything.
 */
public final class ManagementKey {
    private static final Duration LEEWAY = Duration.ofSeconds(30);
    private static final JWSHeader HEADER =
            new JWSHeader.Builder(JWSAlgorithm.ES256).type(JOSEObjectType.JWT).build();

    private final ECPublicKey publicKey;
    private final ECPrivateKey privateKey;

    private ManagementKey(ECPublicKey publicKey, ECPrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
    }

    /** Makes a new key. */
    public static ManagementKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new ManagementKey((ECPublicKey) pair.getPublic(), (ECPrivateKey) pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make a P-256 key", e);
        }
    }

    /**
     * Puts a stored key together again.
     *
     * @throws GeneralSecurityException when a part is damaged
     */
    public static ManagementKey load(byte[] pkcs8, byte[] publicKey) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new ManagementKey((ECPublicKey) factory.generatePublic(new X509EncodedKeySpec(publicKey)), (ECPrivateKey)
                factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }

    /** The public key, as SubjectPublicKeyInfo. */
    public byte[] publicKeyBytes() {
        return publicKey.getEncoded();
    }

    /** The private key as PKCS#8, to be wrapped by {@link KeyWrapper} at once: it goes nowhere in clear. */
    public byte[] exposePrivateKeyBytes() {
        return privateKey.getEncoded();
    }

    /** A token with these claims. */
    public String sign(ManagementClaims claims) {
        try {
            JWSObject token = new JWSObject(HEADER, new Payload(claims.json()));
            token.sign(new ECDSASigner(privateKey));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    /**
     * The claims of a token that this key signed, that counts at this host and whose time is now. Empty for everything else,
     * whatever is wrong with it; never throws.
     */
    public Optional<ManagementClaims> verify(String compact, String host, Instant now) {
        Optional<ManagementClaims> claimed = ManagementClaims.claimed(compact);
        return claimed.isPresent() && isGenuine(compact)
                ? claimed.filter(claims -> claims.host().equals(host)
                        && now.isBefore(claims.expiresAt())
                        && !claims.issuedAt().isAfter(now.plus(LEEWAY)))
                : Optional.empty();
    }

    private boolean isGenuine(String compact) {
        try {
            JWSObject token = JWSObject.parse(compact);
            Map<String, Object> claims = token.getPayload().toJSONObject();
            return JWSAlgorithm.ES256.equals(token.getHeader().getAlgorithm())
                    && claims != null
                    && ManagementClaims.ISSUER.equals(claims.get("iss"))
                    && token.verify(new ECDSAVerifier(publicKey));
        } catch (ParseException | JOSEException | RuntimeException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "ManagementKey";
    }
}
