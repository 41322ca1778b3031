package io.sallyport.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Envelope encryption under the master key (SE-01). A wrapped secret is
 *
 * <pre>version (1) | id of the master key (8) | wrapped data key (60) | encrypted secret (28 + n)</pre>
 *
 * where both ciphertexts are {@link AesGcm} with the record's name as additional data, so that a ciphertext copied to another
 * record does not open. Former master keys may be given for unwrapping, so that a rotation runs online: every record still opens,
 * new ones get the current key, and {@link #rewrap} moves the old ones over without touching the secret (SE-03).
 */
public final class EnvelopeKeyWrapper implements KeyWrapper {
    private static final byte VERSION = 1;
    private static final int ID_BYTES = 8;
    private static final int DATA_KEY_BYTES = 32;
    private static final int WRAPPED_KEY_BYTES = AesGcm.NONCE_BYTES + DATA_KEY_BYTES + AesGcm.TAG_BYTES;
    private static final int HEADER_BYTES = 1 + ID_BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String currentId;
    private final Map<String, SecretKey> keysById;

    /** @param former master keys that may still be met in the database, for the time of a rotation */
    public EnvelopeKeyWrapper(MasterKey current, List<MasterKey> former) {
        this.currentId = current.id();
        Map<String, SecretKey> keys = new LinkedHashMap<>();
        for (MasterKey key : former) {
            keys.put(key.id(), keyEncryptionKey(key));
        }
        keys.put(currentId, keyEncryptionKey(current));
        this.keysById = Map.copyOf(keys);
    }

    /** A wrapper that knows one master key. */
    public EnvelopeKeyWrapper(MasterKey current) {
        this(current, List.of());
    }

    private static SecretKey keyEncryptionKey(MasterKey key) {
        return key.derive("sallyport envelope v1", "AES");
    }

    @Override
    public byte[] wrap(String record, byte[] secret) {
        byte[] dataKey = new byte[DATA_KEY_BYTES];
        RANDOM.nextBytes(dataKey);
        try {
            byte[] encrypted = AesGcm.encrypt(new SecretKeySpec(dataKey, "AES"), secret, associated("secret", record));
            return assemble(record, dataKey, encrypted);
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    @Override
    public byte[] unwrap(String record, byte[] wrapped) throws GeneralSecurityException {
        byte[] dataKey = dataKey(record, wrapped);
        try {
            int start = HEADER_BYTES + WRAPPED_KEY_BYTES;
            ByteBuffer encrypted = ByteBuffer.wrap(wrapped, start, wrapped.length - start);
            return AesGcm.decrypt(new SecretKeySpec(dataKey, "AES"), encrypted, associated("secret", record));
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    /** Whether a record is still wrapped by a former master key. */
    public boolean needsRewrap(byte[] wrapped) {
        return !currentId.equals(masterKeyId(wrapped));
    }

    /**
     * The same secret with its data key wrapped by the current master key.
     *
     * @throws GeneralSecurityException when the record does not open
     */
    public byte[] rewrap(String record, byte[] wrapped) throws GeneralSecurityException {
        byte[] dataKey = dataKey(record, wrapped);
        try {
            return assemble(
                    record, dataKey, Arrays.copyOfRange(wrapped, HEADER_BYTES + WRAPPED_KEY_BYTES, wrapped.length));
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    private byte[] assemble(String record, byte[] dataKey, byte[] encrypted) {
        SecretKey current = keysById.get(currentId);
        if (current == null) {
            throw new IllegalStateException("no current key");
        }
        byte[] wrappedKey = AesGcm.encrypt(current, dataKey, associated("data key", record));
        return ByteBuffer.allocate(HEADER_BYTES + wrappedKey.length + encrypted.length)
                .put(VERSION)
                .put(HexFormat.of().parseHex(currentId))
                .put(wrappedKey)
                .put(encrypted)
                .array();
    }

    private byte[] dataKey(String record, byte[] wrapped) throws GeneralSecurityException {
        String id = masterKeyId(wrapped);
        if (id == null) {
            throw new GeneralSecurityException(record + " is not in a wrapped form this version knows");
        }
        SecretKey key = keysById.get(id);
        if (key == null) {
            throw new WrongMasterKeyException(record, id, currentId);
        }
        try {
            return AesGcm.decrypt(
                    key, ByteBuffer.wrap(wrapped, HEADER_BYTES, WRAPPED_KEY_BYTES), associated("data key", record));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(record + " was damaged, or belongs to another record", e);
        }
    }

    private static @Nullable String masterKeyId(byte[] wrapped) {
        return wrapped.length < HEADER_BYTES + WRAPPED_KEY_BYTES || wrapped[0] != VERSION
                ? null
                : HexFormat.of().formatHex(wrapped, 1, HEADER_BYTES);
    }

    private static byte[] associated(String part, String record) {
        return ("sallyport " + part + ": " + record).getBytes(StandardCharsets.UTF_8);
    }

    /** The stored secrets belong to another master key than the configured one. */
    public static final class WrongMasterKeyException extends GeneralSecurityException {
        WrongMasterKeyException(String record, String needed, String configured) {
            super("%s was stored under master key %s, the configured master key is %s"
                    .formatted(record, needed, configured));
        }
    }
}
