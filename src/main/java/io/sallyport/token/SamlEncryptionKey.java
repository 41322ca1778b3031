package io.sallyport.token;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * A key that identity providers encrypt SAML assertions for. It signs nothing, and the keys that sign decrypt nothing.
 *
 * @param certificatePem what the provider's admin imports
 * @param expiresAt the end of the certificate
 */
public record SamlEncryptionKey(KeyPair pair, String certificatePem, Instant expiresAt) {
    private static final int BITS = 2048;
    private static final Duration LIFE = Duration.ofDays(365);

    /** Makes a new one. Takes some tenths of a second. */
    public static SamlEncryptionKey generate(UUID id, Instant now) {
        KeyPair pair = SelfSigned.rsa(BITS);
        Instant end = now.plus(LIFE);
        return new SamlEncryptionKey(
                pair,
                SelfSigned.pem(
                        pair,
                        "Sallyport SAML encryption " + id.toString().substring(0, 8),
                        KeyUsage.keyEncipherment | KeyUsage.dataEncipherment,
                        now,
                        end),
                end);
    }

    /** The private key as PKCS#8, to be wrapped by {@link KeyWrapper} at once. */
    public byte[] exposePrivateKeyBytes() {
        return pair.getPrivate().getEncoded();
    }

    /** Reads what {@link #exposePrivateKeyBytes} gave. */
    public static PrivateKey open(byte[] pkcs8) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** The name under which {@link KeyWrapper} knows a key. */
    public static String record(UUID id) {
        return "saml/" + id;
    }

    @Override
    public String toString() {
        return "SamlEncryptionKey[…]";
    }
}
