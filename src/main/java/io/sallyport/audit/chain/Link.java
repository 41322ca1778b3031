package io.sallyport.audit.chain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An end of the chain: how many records there are, and the SHA-256 of the last one's line. The next record names that hash.
 *
 * @param position the last record's, from 1; 0 before the first
 * @param hash 64 hex digits; zeros before the first
 */
public record Link(long position, String hash) {
    /** Before the first record. */
    public static final Link START = new Link(0, "0".repeat(64));

    /** The end after one more record. */
    public Link next(String line) {
        return new Link(position + 1, hashOf(line));
    }

    /** The hash of a line, as {@code sha256sum} computes it from the line without its end. */
    public static String hashOf(String line) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(line.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
