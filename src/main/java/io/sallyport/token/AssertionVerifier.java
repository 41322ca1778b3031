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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Verifies an issuer's assertions with the keys it publishes at {@code /cdn-cgi/access/certs}:
 * the connector does what origins do. Keys are cached, and fetched again when they are old, when a token names an
 * unknown key, or after a notice that they changed, with a limit so that forged tokens cannot cause many fetches.
 */
public final class AssertionVerifier {
    /** The outcome; it does not tell which check failed. */
    public enum Outcome {
        /** Signed by the issuer, in time, and for one of the audiences. */
        GENUINE,
        /** Valid, but for another audience. */
        OTHER_AUDIENCE,
        /** It was genuine, and no longer counts. */
        REVOKED,
        /** Anything else, keys out of reach included. */
        REFUSED
    }

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(24);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);
    /** While a key is missing that was announced to us. */
    private static final Duration BETWEEN_URGENT_FETCHES = Duration.ofSeconds(1);

    private static final Duration NOT_BEFORE_LEEWAY = Duration.ofMinutes(5);
    private static final int LONGEST_KEPT = 8 * 1024;
    private static final long LARGEST_SET = 1 << 20;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String issuer;
    private final InstantSource clock;
    private final Predicate<Bearer> isRevoked;
    private volatile @Nullable Keys keys;
    /** Ids of the keys that still count, as far as we were told; null when we were not. */
    private volatile @Nullable Set<String> published;

    private Instant lastFetch = Instant.MIN;
    private @Nullable CompletableFuture<Boolean> fetching;

    /**
     * A key set with the tokens verified by it. A new key set starts with an empty cache, because tokens in the old one
     * may be signed by a revoked key.
     */
    private record Keys(RemoteKeySet set, Instant fetchedAt, Cache<String, Map<String, Object>> genuine) {
        Keys(RemoteKeySet set, Instant fetchedAt) {
            this(set, fetchedAt, Caffeine.newBuilder().maximumSize(1_000).build());
        }
    }

    /**
     * A verifier that holds no keys yet.
     *
     * @param issuer scheme and host, without a slash at its end; must equal {@code iss} exactly
     * @param isRevoked asked about every token that is otherwise good
     */
    public AssertionVerifier(String issuer, InstantSource clock, Predicate<Bearer> isRevoked) {
        this.issuer = issuer;
        this.clock = clock;
        this.isRevoked = isRevoked;
    }

    /**
     * The edge, which need not be trusted for this, lists the ids of the issuer's current keys. Keys that are not
     * listed become invalid immediately; unknown ones are fetched from the issuer, which alone can make a key valid.
     */
    public synchronized void published(Set<String> ids) {
        published = Set.copyOf(ids);
        Keys held = keys;
        if (held != null) {
            keys = new Keys(held.set().only(ids), held.fetchedAt());
            if (!held.set().holds(ids)) {
                fetch(clock.instant());
            }
        }
    }

    /** The list of current keys is unknown again; only the issuer's own key set counts. */
    public void publishedUnknown() {
        published = null;
    }

    /** Verifies; asynchronous only when keys have to be fetched. Never completes exceptionally. */
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
        Map<String, Object> known = held.genuine().getIfPresent(compact);
        if (known == null
                && ForeignJwt.check(held.set(), compact, ALGORITHMS) instanceof ForeignJwt.Checked.Genuine verified) {
            known = verified.claims();
            if (compact.length() <= LONGEST_KEPT) {
                held.genuine().put(compact, known);
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
        if (!meant) {
            return Outcome.OTHER_AUDIENCE;
        }
        return isRevoked.test(Bearer.of(claims, null)) ? Outcome.REVOKED : Outcome.GENUINE;
    }

    /**
     * Fetches the keys, one fetch at a time and with a pause after each, so that many forged tokens do not cause many
     * requests.
     */
    private synchronized CompletableFuture<Boolean> fetch(Instant now) {
        if (fetching != null && !fetching.isDone()) {
            return fetching;
        }
        if (!lastFetch.equals(Instant.MIN) && now.isBefore(lastFetch.plus(pause()))) {
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

    private Duration pause() {
        Set<String> announced = published;
        Keys held = keys;
        return announced != null && held != null && !held.set().holds(announced)
                ? BETWEEN_URGENT_FETCHES
                : BETWEEN_FETCHES;
    }

    private synchronized boolean took(HttpResponse<String> response, Instant now) {
        if (response.statusCode() != 200) {
            return false;
        }
        RemoteKeySet fresh = RemoteKeySet.parse(response.body()).orElse(null);
        if (fresh == null) {
            return false;
        }
        Set<String> announced = published;
        keys = new Keys(announced == null ? fresh : fresh.only(announced), now);
        return true;
    }
}
