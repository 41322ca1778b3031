package io.sallyport.token;

import java.time.Instant;

/** Verifies our own tokens: algorithm and key from our own list, strict base64url, bounded size (JW-03, JW-05). */
public final class TokenVerifier {
    private TokenVerifier() {}

    /** The outcome; never tells a caller which check failed, but the log. */
    public sealed interface Verification {
        /** Genuine and in time. */
        record Verified(TokenClaims claims) implements Verification {}

        /** Genuine and past its time. */
        record Expired(TokenClaims claims) implements Verification {}

        /** Anything else. */
        record Rejected(String reason) implements Verification {}
    }

    /** Verifies signature, issuer, type and times (30 s leeway on nbf only, JW-06). Audience is the caller's to compare. */
    public static Verification verify(KeyRing keys, String issuer, String compact, Instant now) {
        throw new UnsupportedOperationException("written by the token change");
    }
}
