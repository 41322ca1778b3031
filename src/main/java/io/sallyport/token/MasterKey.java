package io.sallyport.token;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The one secret that is not in the database: 32 bytes from which every other key at rest is derived or under which it is wrapped.
 * Never used directly; each purpose gets its own key by HKDF-SHA-256 (RFC 5869).
 */
public final class MasterKey {
    private static final int BYTES = 32;

    private final SecretKey key;
    private final String id;

    private MasterKey(byte[] raw) {
        this.key = new SecretKeySpec(raw, "HKDF");
        this.id = HexFormat.of().formatHex(deriveBytes("sallyport key id", 8));
    }

    /**
     * Reads a key as operators write it.
     *
     * @throws IllegalArgumentException when the text is not base64 of 32 bytes; the message does not repeat it
     */
    public static MasterKey parse(String base64) {
        byte[] raw;
        try {
            raw = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the master key is not base64", e);
        }
        if (raw.length != BYTES) {
            throw new IllegalArgumentException("the master key has %d bytes, it must have %d: openssl rand -base64 32"
                    .formatted(raw.length, BYTES));
        }
        return new MasterKey(raw);
    }

    /**
     * Reads a key from a file that holds its base64 and perhaps white space.
     *
     * @throws IllegalArgumentException naming the file when its content is not a key
     */
    public static MasterKey read(Path file) throws IOException {
        try {
            return parse(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** Reads the file, or makes it with a new random key and mode 0600. Two processes that race end with one key. */
    public static MasterKey readOrCreate(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] raw = new byte[BYTES];
            new SecureRandom().nextBytes(raw);
            // Written whole beside the target and then linked to it, so that no reader sees half a key.
            Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), ".master-key", null, ownerOnly());
            try {
                writeDurably(draft, Base64.getEncoder().encodeToString(raw) + "\n");
                Files.createLink(file, draft);
            } catch (FileAlreadyExistsException e) {
                return read(file);
            } finally {
                Files.delete(draft);
            }
        }
        return read(file);
    }

    private static FileAttribute<?> ownerOnly() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    }

    private static void writeDurably(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** A name for this key that gives nothing of it away; stored beside what it wrapped. 16 hex digits. */
    public String id() {
        return id;
    }

    SecretKey derive(String purpose, String algorithm) {
        return new SecretKeySpec(deriveBytes(purpose, BYTES), algorithm);
    }

    private byte[] deriveBytes(String purpose, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(key)
                            .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF-SHA256", e);
        }
    }

    @Override
    public String toString() {
        return "MasterKey[" + id + "]";
    }
}
