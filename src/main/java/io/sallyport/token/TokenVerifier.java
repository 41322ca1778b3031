package io.sallyport.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verifies our own tokens. A token of ours begins with exactly the header that its key writes, so the header is looked
 * up and not parsed: algorithm and key can only come from our own list (JW-03), and there is one spelling (JW-05). The
 * payload is parsed only after the signature was verified.
 */
public final class TokenVerifier {
    private static final int LONGEST = 8 * 1024;
    private static final Duration LEEWAY = Duration.ofSeconds(30);

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

    /**
     * Verifies signature, issuer, type and times (30 s leeway on nbf only, JW-06). Audience is the caller's to compare. Never
     * throws, whatever it is given; a token seen before costs about a microsecond.
     */
    public static Verification verify(KeyRing keys, String issuer, String compact, Instant now) {
        if (compact.length() > LONGEST) {
            return new Verification.Rejected("too long");
        }
        KeyRing.Genuine known = keys.recall(compact, now);
        if (known != null && known.issuer().equals(issuer)) {
            return inTime(known.claims(), now);
        }
        int headerEnd = compact.indexOf('.');
        int payloadEnd = compact.indexOf('.', headerEnd + 1);
        if (headerEnd < 0 || payloadEnd < 0) {
            return new Verification.Rejected("not three parts");
        }
        KeyRing.Way way = keys.verifying(compact.substring(0, headerEnd), now);
        if (way == null) {
            return new Verification.Rejected("not the header of a key in force");
        }
        String signature = compact.substring(payloadEnd + 1);
        if (StrictBase64.decode(signature) == null
                || !way.scheme().verifies(compact.substring(0, payloadEnd), signature)) {
            return new Verification.Rejected("bad signature");
        }
        TokenClaims claims = claims(issuer, compact.substring(headerEnd + 1, payloadEnd));
        if (claims == null || !way.mayVouchFor(claims)) {
            return new Verification.Rejected("not the claims of any kind of token");
        }
        keys.remember(compact, new KeyRing.Genuine(way.entry().key(), issuer, claims));
        return inTime(claims, now);
    }

    private static @Nullable TokenClaims claims(String issuer, String payload) {
        byte[] utf8 = StrictBase64.decode(payload);
        Map<String, Object> json = utf8 == null ? null : SafeJson.object(utf8);
        return json == null ? null : ClaimsJson.read(issuer, json);
    }

    private static Verification inTime(TokenClaims claims, Instant now) {
        if (claims.issuedAt().isAfter(now.plus(LEEWAY))) {
            return new Verification.Rejected("not valid yet");
        }
        return now.isBefore(claims.expiresAt()) ? new Verification.Verified(claims) : new Verification.Expired(claims);
    }
}
