package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Evaluators' key sets, as OI-07 has it for providers: read again after ten minutes, and at once when an answer names a key we have
 * not seen, though no endpoint is asked twice within thirty seconds; while it fails, the last good copy serves for a day.
 */
final class EvaluatorKeys {
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(24);
    private static final Duration GAP = Duration.ofSeconds(30);

    private final OutboundExchange http;
    private final LoadingCache<URI, Slot> slots =
            Caffeine.newBuilder().maximumSize(1_000).build(uri -> new Slot());

    EvaluatorKeys(OutboundExchange http) {
        this.http = http;
    }

    /**
     * The JWK set to verify with.
     *
     * @throws IOException when there is none that is young enough
     */
    String current(URI keysUrl, Instant now) throws IOException {
        return slots.get(keysUrl).current(keysUrl, now);
    }

    /** A JWK set fetched because an answer named an unknown key; null when it may not be asked again yet, or does not answer. */
    @Nullable
    String newer(URI keysUrl, Instant now) {
        return slots.get(keysUrl).newer(keysUrl, now);
    }

    /** One evaluator's keys; guarded by its own monitor, so that one slow endpoint holds up nobody else. */
    private final class Slot {
        private @Nullable String document;
        private Instant fetchedAt = Instant.MIN;
        private Instant triedAt = Instant.MIN;

        synchronized String current(URI keysUrl, Instant now) throws IOException {
            IOException failure = null;
            if (isOlderThan(fetchedAt, FRESH, now) && isOlderThan(triedAt, GAP, now)) {
                try {
                    fetch(keysUrl, now);
                } catch (IOException e) {
                    failure = e;
                }
            }
            String found = document;
            if (found == null || isOlderThan(fetchedAt, USABLE, now)) {
                throw new IOException(
                        failure == null
                                ? "its keys could not be fetched a moment ago"
                                : "its keys cannot be fetched: " + failure.getMessage(),
                        failure);
            }
            return found;
        }

        synchronized @Nullable String newer(URI keysUrl, Instant now) {
            if (!isOlderThan(triedAt, GAP, now)) {
                return null;
            }
            try {
                return fetch(keysUrl, now);
            } catch (IOException e) {
                return null;
            }
        }

        private String fetch(URI keysUrl, Instant now) throws IOException {
            triedAt = now;
            String fetched = http.get(keysUrl);
            document = fetched;
            fetchedAt = now;
            return fetched;
        }

        private static boolean isOlderThan(Instant then, Duration age, Instant now) {
            return then.equals(Instant.MIN) || !now.isBefore(then.plus(age));
        }
    }
}
