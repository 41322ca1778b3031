package io.sallyport.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;

/** Whether a private key belongs to a certificate: of two files one may be renewed and the other not yet. */
public final class KeyMatch {
    private static final byte[] PROBE = "does this key belong to that certificate?".getBytes(StandardCharsets.US_ASCII);

    private KeyMatch() {}

    /** Signs something with the one and verifies it with the other. */
    public static boolean fits(PrivateKey secret, X509Certificate leaf) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm();
                });
        signature.initSign(secret);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        try {
            signature.initVerify(leaf.getPublicKey());
        } catch (InvalidKeyException ofAnotherKind) {
            return false;
        }
        signature.update(PROBE);
        return signature.verify(signed);
    }
}
