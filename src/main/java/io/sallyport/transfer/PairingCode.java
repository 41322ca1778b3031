package io.sallyport.transfer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** A short code for a public key. The command line and the page both show it, so that a person approves only their own command line. */
public final class PairingCode {
    private PairingCode() {}

    /**
     * Such as {@code 4F2A-09BC}: the first 32 bits of the key's SHA-256 in hexadecimal.
     *
     * @param key base64url, with or without padding
     */
    public static String of(String key) {
        String canonical = key.replace("=", "");
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.US_ASCII));
            String hex = HexFormat.of().formatHex(hash, 0, 4).toUpperCase(Locale.ROOT);
            return hex.substring(0, 4) + "-" + hex.substring(4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
