package io.sallyport.token;

import io.sallyport.token.ForeignJwt.Checked;
import io.sallyport.token.IdTokenVerifier.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Verifies the logout token of OpenID Connect Back-Channel Logout 1.0 §2.6 (OI-14). Replay is the caller's to refuse. */
public final class LogoutTokenVerifier {
    private static final String TYPE = "logout+jwt";
    private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
    private static final Duration LEEWAY = Duration.ofSeconds(60);
    /** §2.4 asks for two minutes at most; some providers are more generous. */
    private static final Duration OLDEST = Duration.ofMinutes(10);

    private static final int LONGEST_WORD = 255;

    private LogoutTokenVerifier() {}

    /** The outcome. */
    public sealed interface Result {
        /**
         * Genuine, for us, in time; names a person, a session, or both.
         *
         * @param id works once
         * @param usableUntil from when it would be refused for its age
         */
        record Verified(
                String id,
                Instant usableUntil,
                @Nullable String subject,
                @Nullable String session) implements Result {}

        /** Signed by no key of the set; one fresh look at the provider's keys is worth it. */
        record UnknownKey() implements Result {}

        /** Anything else. */
        record Rejected(String reason) implements Result {}
    }

    /**
     * Verifies; never throws, whatever was posted.
     *
     * @param issuer to the letter; null when the provider entry pins none
     */
    public static Result verify(String keySet, String token, @Nullable String issuer, String clientId, Instant now) {
        Optional<RemoteKeySet> keys = RemoteKeySet.known(keySet);
        if (keys.isEmpty()) {
            return new Result.Rejected("key set");
        }
        return switch (ForeignJwt.check(keys.get(), token, IdTokenVerifier.ALGORITHMS, TYPE)) {
            case Checked.UnknownKey _ -> new Result.UnknownKey();
            case Checked.Refused(Problem problem) -> new Result.Rejected(problem.name());
            case Checked.Genuine(Map<String, Object> claims) -> judge(claims, issuer, clientId, now);
        };
    }

    private static Result judge(Map<String, Object> claims, @Nullable String issuer, String clientId, Instant now) {
        Instant issuedAt = ForeignJwt.instant(claims, "iat");
        Instant expiresAt = ForeignJwt.instant(claims, "exp");
        String id = word(claims, "jti");
        String subject = word(claims, "sub");
        String session = word(claims, "sid");
        if (!(claims.get("iss") instanceof String from) || (issuer != null && !issuer.equals(from))) {
            return new Result.Rejected("iss");
        }
        boolean ours = claims.get("aud") instanceof List<?> several
                ? several.contains(clientId)
                : clientId.equals(claims.get("aud"));
        if (!ours) {
            return new Result.Rejected("aud");
        }
        if (issuedAt == null
                || issuedAt.isAfter(now.plus(LEEWAY))
                || issuedAt.plus(OLDEST).isBefore(now)) {
            return new Result.Rejected("iat");
        }
        if (expiresAt == null || !now.isBefore(expiresAt.plus(LEEWAY))) {
            return new Result.Rejected("exp");
        }
        if (!(claims.get("events") instanceof Map<?, ?> events) || !(events.get(EVENT) instanceof Map<?, ?>)) {
            return new Result.Rejected("events");
        }
        if (claims.containsKey("nonce")) {
            return new Result.Rejected("nonce");
        }
        if (id == null || (subject == null && session == null)) {
            return new Result.Rejected("jti, sub or sid");
        }
        return new Result.Verified(id, issuedAt.plus(OLDEST).plus(LEEWAY), subject, session);
    }

    private static @Nullable String word(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof String text && !text.isEmpty() && text.length() <= LONGEST_WORD
                ? text
                : null;
    }
}
