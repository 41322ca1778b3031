package io.sallyport.token;

import com.nimbusds.jose.JWSAlgorithm;
import io.sallyport.identity.Audience;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what an application host tells a command line about itself: first unverified, to learn
 * whose keys to fetch, then verified with those. What comes out names the team that signs people in.
 */
public final class MatchVerifier {
    private static final Duration OLDEST = Duration.ofHours(24);
    private static final Duration AHEAD = Duration.ofMinutes(5);

    private MatchVerifier() {}

    /**
     * A verified description.
     *
     * @param team scheme, host and port of the team domain
     * @param appHostname the application's own pattern
     */
    public record Described(Audience audience, URI team, String appHostname) {}

    /** Where the signing keys are said to be; empty when the text is not such a description. Proves nothing yet. */
    public static Optional<URI> team(String compact) {
        String[] parts = compact.split("\\.", -1);
        byte[] payload = parts.length == 3 ? StrictBase64.decode(parts[1]) : null;
        Map<String, Object> claims = payload == null ? null : SafeJson.object(payload);
        return claims == null ? Optional.empty() : team(claims);
    }

    /**
     * Verifies signature, kind, host and age.
     *
     * @param certs what {@link #team}'s certs address answered
     * @param host that was asked, without port
     */
    public static Optional<Described> verify(String certs, String compact, String host, Instant now) {
        return RemoteKeySet.parse(certs)
                .map(keys -> ForeignJwt.check(keys, compact, Set.of(JWSAlgorithm.RS256)))
                .filter(ForeignJwt.Checked.Genuine.class::isInstance)
                .map(genuine -> ((ForeignJwt.Checked.Genuine) genuine).claims())
                .filter(claims -> isAbout(claims, host, now))
                .flatMap(MatchVerifier::read);
    }

    private static boolean isAbout(Map<String, Object> claims, String host, Instant now) {
        Instant issuedAt = ForeignJwt.instant(claims, "iat");
        return "match".equals(claims.get("type"))
                && claims.get("hostname") instanceof String named
                && named.equalsIgnoreCase(host)
                && issuedAt != null
                && issuedAt.isAfter(now.minus(OLDEST))
                && issuedAt.isBefore(now.plus(AHEAD));
    }

    private static Optional<Described> read(Map<String, Object> claims) {
        if (!(claims.get("aud") instanceof String audience)
                || !(claims.get("app_hostname") instanceof String appHostname)) {
            return Optional.empty();
        }
        try {
            return team(claims).map(team -> new Described(new Audience(audience), team, appHostname));
        } catch (IllegalArgumentException notAnAudience) {
            return Optional.empty();
        }
    }

    private static Optional<URI> team(Map<String, Object> claims) {
        if (!(claims.get("iss") instanceof String issuer) || !issuer.endsWith(ClaimsJson.MATCH)) {
            return Optional.empty();
        }
        try {
            URI team = URI.create(issuer.substring(0, issuer.length() - ClaimsJson.MATCH.length()));
            boolean plain = team.getHost() != null && team.getRawPath().isEmpty() && team.getRawUserInfo() == null;
            return plain && team.getHost().equals(claims.get("auth_domain")) ? Optional.of(team) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
