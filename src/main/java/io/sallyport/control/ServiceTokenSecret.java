package io.sallyport.control;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * A service token's secret (ST-01): {@code cfast_}, 40 random letters and digits (238 bits), and 8 hex digits of their CRC-32, so
 * that secret scanners find it and a mistyped one is recognised without a look-up. Shown once, kept as a hash.
 */
final class ServiceTokenSecret {
    static final String PREFIX = "cfast_";

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 40;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String value;

    private ServiceTokenSecret(String value) {
        this.value = value;
    }

    /** A new one. */
    static ServiceTokenSecret random() {
        StringBuilder random = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            random.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return new ServiceTokenSecret(PREFIX + random + checksum(random.toString()));
    }

    /** What is stored. */
    byte[] hash() {
        return AdminTokens.sha256(value);
    }

    /** The secret itself, for the one answer that shows it. */
    String revealOnce() {
        return value;
    }

    static String checksum(String random) {
        CRC32 crc = new CRC32();
        crc.update(random.getBytes(StandardCharsets.US_ASCII));
        return "%08x".formatted(crc.getValue());
    }

    @Override
    public String toString() {
        return PREFIX + "…";
    }
}
