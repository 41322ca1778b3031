package io.sallyport.control;

import io.sallyport.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * A secret we make (ST-01, AD-10): a prefix, 40 random letters and digits (238 bits), and 8 hex digits of their CRC-32, so that
 * secret scanners find it and a mistyped one is recognised without a look-up. Shown once, kept as a hash.
 */
final class ShownOnceSecret {
    /** Of service tokens, as their clients know it. */
    static final String SERVICE_TOKEN = "cfast_";

    /** Of tokens of the admin API. */
    static final String ADMIN_TOKEN = "sallyport_";

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 40;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String prefix;
    private final String value;

    private ShownOnceSecret(String prefix, String value) {
        this.prefix = prefix;
        this.value = value;
    }

    /** A new one. */
    static ShownOnceSecret random(String prefix) {
        StringBuilder random = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            random.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return new ShownOnceSecret(prefix, prefix + random + checksum(random.toString()));
    }

    /** What is stored. */
    byte[] hash() {
        return Sha256.of(value);
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
        return prefix + "…";
    }
}
