package io.sallyport.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the token by which a build system or a cluster vouches for a workload (RFC 7519, RFC 8725). Fetching and keeping the
 * issuer's keys is the caller's, because that waits and this does not.
 */
public final class WorkloadVerifier {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Duration LEEWAY = Duration.ofSeconds(30);
    private static final int LONGEST = 16 * 1024;

    private WorkloadVerifier() {}

    /** The outcome. */
    public sealed interface Result {
        /** Genuine, from that issuer, for us, in time. */
        record Verified(String subject, Map<String, Object> claims, Instant expiresAt) implements Result {}

        /** Signed by no key of the set: worth one fresh look at the issuer's keys. */
        record UnknownKey() implements Result {}

        /** Anything else. */
        record Rejected() implements Result {}
    }

    /**
     * What a token says of itself, unverified: only to find what to verify it with.
     *
     * @param exchanged whether it says it was issued by us for a workload's token
     */
    public record Claimed(String issuer, boolean exchanged) {}

    /** Reads it; empty for what is no JWT or names no issuer. */
    public static Optional<Claimed> claimed(String compact) {
        String[] parts = compact.length() > LONGEST ? new String[0] : compact.split("\\.", -1);
        byte[] payload = parts.length == 3 ? StrictBase64.decode(parts[1]) : null;
        Map<String, Object> claims = payload == null ? null : SafeJson.object(payload);
        return claims != null && claims.get("iss") instanceof String issuer
                ? Optional.of(new Claimed(issuer, claims.containsKey(ClaimsJson.WORKLOAD)))
                : Optional.empty();
    }

    /** Verifies; never throws, whatever was sent. */
    public static Result verify(String keySet, String compact, String issuer, String audience, Instant now) {
        Optional<RemoteKeySet> keys = RemoteKeySet.known(keySet);
        if (keys.isEmpty() || compact.length() > LONGEST) {
            return new Result.Rejected();
        }
        return switch (ForeignJwt.check(keys.get(), compact, ALGORITHMS)) {
            case ForeignJwt.Checked.UnknownKey _ -> new Result.UnknownKey();
            case ForeignJwt.Checked.Refused _ -> new Result.Rejected();
            case ForeignJwt.Checked.Genuine(Map<String, Object> claims) -> {
                Instant ends = ends(claims, issuer, audience, now);
                yield ends != null && claims.get("sub") instanceof String subject && !subject.isEmpty()
                        ? new Result.Verified(subject, claims, ends)
                        : new Result.Rejected();
            }
        };
    }

    /** When it stops counting; null when it does not count at all. */
    private static @Nullable Instant ends(Map<String, Object> claims, String issuer, String audience, Instant now) {
        Instant ends = ForeignJwt.instant(claims, "exp");
        Instant issuedAt = ForeignJwt.instant(claims, "iat");
        Instant notBefore = claims.containsKey("nbf") ? ForeignJwt.instant(claims, "nbf") : issuedAt;
        boolean ours = issuer.equals(claims.get("iss")) && isFor(claims.get("aud"), audience);
        boolean inTime = ends != null
                && now.isBefore(ends)
                && issuedAt != null
                && notBefore != null
                && !issuedAt.isAfter(now.plus(LEEWAY))
                && !notBefore.isAfter(now.plus(LEEWAY));
        return ours && inTime ? ends : null;
    }

    private static boolean isFor(@Nullable Object claim, String audience) {
        return audience.equals(claim) || (claim instanceof List<?> several && several.contains(audience));
    }
}
