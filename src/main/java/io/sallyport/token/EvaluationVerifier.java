package io.sallyport.token;

import com.nimbusds.jose.JWSAlgorithm;
import io.sallyport.token.ForeignJwt.Checked;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Verifies the signed answer of an external evaluator (FC-05). */
public final class EvaluationVerifier {
    /** RSA only, as the protocol says. */
    private static final Set<JWSAlgorithm> ALGORITHMS = JWSAlgorithm.Family.RSA;

    private EvaluationVerifier() {}

    /** What the evaluator said. */
    public enum Verdict {
        /** {@code success} is {@code true}. */
        TRUE,
        /**
         * {@code success} is {@code false} in an answer that is genuine, in time and to this question. That evaluator did decide,
         * so that an Exclude or Block rule can hold without hitting everybody; every other defect leaves the rule undecided.
         */
        FALSE,
        /** Signed by a key we do not know: worth one fresh look at its keys. */
        UNKNOWN_KEY,
        /** Wrongly signed, expired, another nonce, no boolean, or no JWT at all. */
        INVALID
    }

    /**
     * Verifies; never throws, whatever the evaluator sent. Expiry has no leeway: an answer is used the moment it arrives.
     *
     * @param keySet the evaluator's JWK set as JSON
     * @param nonce the one in the question
     */
    public static Verdict verify(String keySet, String compact, String nonce, Instant now) {
        Optional<RemoteKeySet> keys = RemoteKeySet.known(keySet);
        if (keys.isEmpty()) {
            return Verdict.INVALID;
        }
        return switch (ForeignJwt.check(keys.get(), compact, ALGORITHMS)) {
            case Checked.UnknownKey unknown -> Verdict.UNKNOWN_KEY;
            case Checked.Refused refused -> Verdict.INVALID;
            case Checked.Genuine genuine -> verdict(genuine.claims(), nonce, now);
        };
    }

    private static Verdict verdict(Map<String, Object> claims, String nonce, Instant now) {
        Instant expiresAt = ForeignJwt.instant(claims, "exp");
        boolean inTime = expiresAt != null && now.isBefore(expiresAt);
        boolean answersUs = claims.get("nonce") instanceof String theirs
                && MessageDigest.isEqual(
                        theirs.getBytes(StandardCharsets.UTF_8), nonce.getBytes(StandardCharsets.UTF_8));
        if (!inTime || !answersUs || !(claims.get("success") instanceof Boolean success)) {
            return Verdict.INVALID;
        }
        return success ? Verdict.TRUE : Verdict.FALSE;
    }
}
