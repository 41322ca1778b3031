package io.sallyport.mtls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * A client's certificate chain, leaf first. It was proved that the client has the key, in our own handshake or in a
 * trusted proxy's.
 *
 * @param digest of all of them; equal chains have equal digests
 */
public record Shown(List<X509Certificate> chain, String digest) {
    /** Nobody showed anything. */
    public static final Shown NOTHING = new Shown(List.of(), "");

    /** A listed proxy passed something that is no certificate. */
    public static final Shown GARBAGE = new Shown(List.of(), "garbage");

    /** Longer chains are not looked at. */
    static final int LONGEST = 8;

    /** What was shown. */
    public static Shown of(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return NOTHING;
        }
        if (chain.size() > LONGEST) {
            return GARBAGE;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (X509Certificate each : chain) {
                digest.update(each.getEncoded());
            }
            return new Shown(List.copyOf(chain), HexFormat.of().formatHex(digest.digest()));
        } catch (GeneralSecurityException e) {
            return GARBAGE;
        }
    }
}
