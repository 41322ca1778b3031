package io.sallyport.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the assertions of one issuer away from it, with the keys it publishes at {@code /cdn-cgi/access/certs} (origin-validation.md):
 * what an origin does, done by the connector. Keys are kept, and fetched again when they are old or a token names another; never
 * more often than a token of strangers should make us.
 */
public final class AssertionVerifier {
    /** The outcome; which check failed is nobody's business. */
    public enum Outcome {
        /** Signed by the issuer, in time, and for one of the audiences. */
        GENUINE,
        /** Signed and in time, for somebody else. */
        OTHER_AUDIENCE,
        /** Anything else, keys out of reach included. */
        REFUSED
    }

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(24);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);
    private static final Duration NOT_BEFORE_LEEWAY = Duration.ofMinutes(5);
    private static final int LONGEST_KEPT = 8 * 1024;
    private static final long LARGEST_SET = 1 << 20;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final Cache<String, Map<String, Object>> genuine =
            Caffeine.newBuilder().maximumSize(1_000).build();
    private final String issuer;
    private final InstantSource clock;
    private volatile @Nullable Keys keys;
    private Instant lastFetch = Instant.MIN;
    private @Nullable CompletableFuture<Boolean> fetching;

    private record Keys(RemoteKeySet set, Instant fetchedAt) {}

    /** @param issuer scheme and host, without a slash at its end; must equal {@code iss} exactly */
    public AssertionVerifier(String issuer, InstantSource clock) {
        this.issuer = issuer;
        this.clock = clock;
    }

    /** Decides; waits only when keys have to be fetched. Never completes exceptionally. */
    public CompletableFuture<Outcome> verify(String compact, List<String> audiences) {
        Instant now = clock.instant();
        Keys held = keys;
        if (held != null && now.isBefore(held.fetchedAt().plus(FRESH))) {
            Map<String, Object> claims = claims(held, compact);
            if (claims != null) {
                return CompletableFuture.completedFuture(judge(claims, audiences, now));
            }
        }
        return fetch(now).thenApply(fetched -> {
            Keys current = keys;
            if (current == null || now.isAfter(current.fetchedAt().plus(USABLE))) {
                return Outcome.REFUSED;
            }
            Map<String, Object> claims = claims(current, compact);
            return claims == null ? Outcome.REFUSED : judge(claims, audiences, now);
        });
    }

    /** The claims of a token signed with a key we hold; null otherwise. A token seen before is not verified again. */
    private @Nullable Map<String, Object> claims(Keys held, String compact) {
        Map<String, Object> known = genuine.getIfPresent(compact);
        if (known == null
                && ForeignJwt.check(held.set(), compact, ALGORITHMS) instanceof ForeignJwt.Checked.Genuine verified) {
            known = verified.claims();
            if (compact.length() <= LONGEST_KEPT) {
                genuine.put(compact, known);
            }
        }
        return known;
    }

    private Outcome judge(Map<String, Object> claims, List<String> audiences, Instant now) {
        Instant expires = ForeignJwt.instant(claims, "exp");
        Instant notBefore = ForeignJwt.instant(claims, "nbf");
        boolean inTime = expires != null
                && now.isBefore(expires)
                && (notBefore == null || !now.plus(NOT_BEFORE_LEEWAY).isBefore(notBefore));
        if (!inTime || !issuer.equals(claims.get("iss"))) {
            return Outcome.REFUSED;
        }
        boolean meant = switch (claims.get("aud")) {
            case String one -> audiences.contains(one);
            case List<?> several ->
                several.stream().anyMatch(audience -> audience instanceof String text && audiences.contains(text));
            case null, default -> false;
        };
        return meant ? Outcome.GENUINE : Outcome.OTHER_AUDIENCE;
    }

    /** One fetch at a time, and none soon after another: a flood of forged tokens must not become one of requests. */
    private synchronized CompletableFuture<Boolean> fetch(Instant now) {
        if (fetching != null && !fetching.isDone()) {
            return fetching;
        }
        if (now.isBefore(lastFetch.plus(BETWEEN_FETCHES)) && !lastFetch.equals(Instant.MIN)) {
            return CompletableFuture.completedFuture(false);
        }
        lastFetch = now;
        HttpRequest request = HttpRequest.newBuilder(URI.create(issuer + "/cdn-cgi/access/certs"))
                .timeout(PATIENCE)
                .build();
        CompletableFuture<Boolean> fetched = http.sendAsync(
                        request, BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST_SET))
                .handle((response, failure) -> response != null && failure == null && took(response, now));
        fetching = fetched;
        return fetched;
    }

    private boolean took(HttpResponse<String> response, Instant now) {
        if (response.statusCode() != 200) {
            return false;
        }
        RemoteKeySet fresh = RemoteKeySet.parse(response.body()).orElse(null);
        if (fresh == null) {
            return false;
        }
        // What an older set vouched for must be verified again: its key may have been withdrawn.
        genuine.invalidateAll();
        keys = new Keys(fresh, now);
        return true;
    }
}
