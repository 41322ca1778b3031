package io.sallyport.token;

import com.nimbusds.jose.JWSAlgorithm;
import io.sallyport.token.ForeignJwt.Checked;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the ID token of an OpenID Connect login (OIDC Core §3.1.3.7; OI-05, OI-06, OI-13). Fetching and keeping the provider's
 * keys is the caller's, because that waits and this does not.
 */
public final class IdTokenVerifier {
    static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final int LONGEST_SUBJECT = 255;

    private IdTokenVerifier() {}

    /**
     * What this login's token must say.
     *
     * @param issuer to the letter; null when the provider entry pins none, then any issuer the keys vouch for
     * @param nonce the one sent with this login's authorization request
     */
    public record Expected(@Nullable String issuer, String clientId, String nonce) {}

    /** What was wrong, for the log and the admin; visitors get one text for all. */
    public enum Problem {
        /** Not a signed JWT in its one spelling, or another kind of JWT. */
        MALFORMED,
        /** {@code none}, a symmetric algorithm, or one not on the list. */
        ALGORITHM,
        /** What the provider publishes as its keys is no JWK set. */
        KEY_SET,
        /** The signature is not by the key it names. */
        SIGNATURE,
        /** {@code iss} is missing or another. */
        ISSUER,
        /** {@code aud} is missing or another's. */
        AUDIENCE,
        /** {@code azp} is another's, or missing beside several audiences. */
        AUTHORIZED_PARTY,
        /** {@code sub} is missing or no sensible string. */
        SUBJECT,
        /** {@code exp} is missing or past. */
        EXPIRED,
        /** {@code nbf} or {@code iat} lies ahead. */
        NOT_YET_VALID,
        /** {@code iat} is missing. */
        ISSUED_AT,
        /** {@code nonce} is missing or of another login. */
        NONCE
    }

    /** The outcome. */
    public sealed interface Result {
        /** Genuine, for us, for this login, in time. The map is unmodifiable JSON. */
        record Verified(Map<String, Object> claims) implements Result {}

        /**
         * Signed by no key of the set: the provider may have changed its keys a moment ago, so one fresh look at them is worth it
         * (OI-07). Also when there is no key id and several keys could be meant.
         */
        record UnknownKey() implements Result {}

        /** Anything else. */
        record Rejected(Problem problem) implements Result {}
    }

    /**
     * Verifies; never throws, whatever the provider sent.
     *
     * @param keySet the provider's JWK set as JSON
     */
    public static Result verify(String keySet, String idToken, Expected expected, Instant now) {
        Optional<RemoteKeySet> keys = RemoteKeySet.known(keySet);
        if (keys.isEmpty()) {
            return new Result.Rejected(Problem.KEY_SET);
        }
        return switch (ForeignJwt.check(keys.get(), idToken, ALGORITHMS)) {
            case Checked.UnknownKey unknown -> new Result.UnknownKey();
            case Checked.Refused refused -> new Result.Rejected(refused.problem());
            case Checked.Genuine genuine -> {
                Problem problem = problem(genuine.claims(), expected, now);
                yield problem == null
                        ? new Result.Verified(Collections.unmodifiableMap(genuine.claims()))
                        : new Result.Rejected(problem);
            }
        };
    }

    private static @Nullable Problem problem(Map<String, Object> claims, Expected expected, Instant now) {
        if (!(claims.get("iss") instanceof String issuer)
                || (expected.issuer() != null && !expected.issuer().equals(issuer))) {
            return Problem.ISSUER;
        }
        if (!(claims.get("sub") instanceof String subject) || subject.isEmpty() || subject.length() > LONGEST_SUBJECT) {
            return Problem.SUBJECT;
        }
        Problem audience = audienceProblem(claims, expected.clientId());
        if (audience != null) {
            return audience;
        }
        Problem time = timeProblem(claims, now);
        if (time != null) {
            return time;
        }
        return claims.get("nonce") instanceof String nonce && same(nonce, expected.nonce()) ? null : Problem.NONCE;
    }

    private static @Nullable Problem audienceProblem(Map<String, Object> claims, String clientId) {
        List<?> audiences = switch (claims.get("aud")) {
            case String one -> List.of(one);
            case List<?> several -> several;
            case null, default -> List.of();
        };
        if (!audiences.contains(clientId)) {
            return Problem.AUDIENCE;
        }
        Object party = claims.get("azp");
        boolean partyFits = party == null ? audiences.size() == 1 : clientId.equals(party);
        return partyFits ? null : Problem.AUTHORIZED_PARTY;
    }

    private static @Nullable Problem timeProblem(Map<String, Object> claims, Instant now) {
        Instant expiresAt = ForeignJwt.instant(claims, "exp");
        if (expiresAt == null || !now.isBefore(expiresAt.plus(LEEWAY))) {
            return Problem.EXPIRED;
        }
        Instant issuedAt = ForeignJwt.instant(claims, "iat");
        if (issuedAt == null) {
            return Problem.ISSUED_AT;
        }
        Instant notBefore = claims.containsKey("nbf") ? ForeignJwt.instant(claims, "nbf") : issuedAt;
        Instant latest = now.plus(LEEWAY);
        return notBefore == null || notBefore.isAfter(latest) || issuedAt.isAfter(latest)
                ? Problem.NOT_YET_VALID
                : null;
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
