package io.sallyport.transfer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.agreement.X25519Agreement;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/**
 * NaCl's {@code crypto_box}: X25519, HSalsa20, XSalsa20-Poly1305, compatible with cloudflared. A message is the nonce, the
 * authenticator and the ciphertext, concatenated.
 */
public final class NaclBox {
    /** Bytes of a public or private key. */
    public static final int KEY_BYTES = 32;

    private static final int NONCE_BYTES = 24;
    private static final int MAC_BYTES = 16;
    private static final int ROUNDS = 20;

    /** "expand 32-byte k", Salsa20's constant for keys of 32 bytes. */
    private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

    private static final SecureRandom RANDOM = new SecureRandom();

    private NaclBox() {}

    /** A key pair for one exchange. Its {@code toString} does not reveal the key. */
    public static final class KeyPair {
        private final X25519PrivateKeyParameters secret;

        private KeyPair(X25519PrivateKeyParameters secret) {
            this.secret = secret;
        }

        /** Generates a key pair. */
        public static KeyPair generate() {
            return new KeyPair(new X25519PrivateKeyParameters(RANDOM));
        }

        /** The public key. */
        public byte[] publicKey() {
            return secret.generatePublicKey().getEncoded();
        }
    }

    /**
     * Encrypts to a public key.
     *
     * @throws IllegalArgumentException when it is not a usable key
     */
    public static byte[] seal(byte[] plain, byte[] recipient, KeyPair sender) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return seal(plain, nonce, sharedKey(recipient, sender));
    }

    /** Decrypts a message from the sender to this key pair; empty if it is not authentic. */
    public static Optional<byte[]> open(byte[] sealed, byte[] sender, KeyPair recipient) {
        if (sealed.length < NONCE_BYTES + MAC_BYTES) {
            return Optional.empty();
        }
        try {
            return open(sealed, sharedKey(sender, recipient));
        } catch (IllegalArgumentException notAKey) {
            return Optional.empty();
        }
    }

    /** {@code crypto_secretbox} under the shared key; called separately by the test with the published vector. */
    static byte[] seal(byte[] plain, byte[] nonce, byte[] key) {
        XSalsa20Engine cipher = cipher(key, nonce);
        Poly1305 mac = mac(cipher);
        byte[] sealed = new byte[NONCE_BYTES + MAC_BYTES + plain.length];
        System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
        cipher.processBytes(plain, 0, plain.length, sealed, NONCE_BYTES + MAC_BYTES);
        mac.update(sealed, NONCE_BYTES + MAC_BYTES, plain.length);
        mac.doFinal(sealed, NONCE_BYTES);
        return sealed;
    }

    private static Optional<byte[]> open(byte[] sealed, byte[] key) {
        XSalsa20Engine cipher = cipher(key, Arrays.copyOf(sealed, NONCE_BYTES));
        Poly1305 mac = mac(cipher);
        int length = sealed.length - NONCE_BYTES - MAC_BYTES;
        mac.update(sealed, NONCE_BYTES + MAC_BYTES, length);
        byte[] expected = new byte[MAC_BYTES];
        mac.doFinal(expected, 0);
        byte[] given = Arrays.copyOfRange(sealed, NONCE_BYTES, NONCE_BYTES + MAC_BYTES);
        if (!MessageDigest.isEqual(expected, given)) {
            return Optional.empty();
        }
        byte[] plain = new byte[length];
        cipher.processBytes(sealed, NONCE_BYTES + MAC_BYTES, length, plain, 0);
        return Optional.of(plain);
    }

    private static XSalsa20Engine cipher(byte[] key, byte[] nonce) {
        XSalsa20Engine cipher = new XSalsa20Engine();
        cipher.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        return cipher;
    }

    /** The first 32 bytes of the key stream are the authenticator's key; the message begins behind them. */
    private static Poly1305 mac(XSalsa20Engine cipher) {
        byte[] macKey = new byte[KEY_BYTES];
        cipher.processBytes(macKey, 0, macKey.length, macKey, 0);
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(macKey));
        return mac;
    }

    private static byte[] sharedKey(byte[] theirs, KeyPair ours) {
        if (theirs.length != KEY_BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes");
        }
        X25519Agreement agreement = new X25519Agreement();
        agreement.init(ours.secret);
        byte[] secret = new byte[KEY_BYTES];
        try {
            agreement.calculateAgreement(new X25519PublicKeyParameters(theirs, 0), secret, 0);
        } catch (IllegalStateException smallOrder) {
            throw new IllegalArgumentException("not a usable public key", smallOrder);
        }
        return hSalsa20(secret);
    }

    /** HSalsa20 of a key and a zero block: words of Salsa20's core, without the final addition of the input. */
    private static byte[] hSalsa20(byte[] key) {
        int[] block = new int[16];
        int[] words = new int[8];
        ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
        block[0] = SIGMA[0];
        System.arraycopy(words, 0, block, 1, 4);
        block[5] = SIGMA[1];
        block[10] = SIGMA[2];
        System.arraycopy(words, 4, block, 11, 4);
        block[15] = SIGMA[3];
        int[] mixed = new int[16];
        Salsa20Engine.salsaCore(ROUNDS, block, mixed);
        ByteBuffer derived = ByteBuffer.allocate(KEY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i : new int[] {0, 5, 10, 15, 6, 7, 8, 9}) {
            derived.putInt(mixed[i] - block[i]);
        }
        return derived.array();
    }
}
