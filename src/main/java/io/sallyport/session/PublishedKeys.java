package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.sallyport.token.KeySetReport;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JWK sets that identity providers, evaluators and issuers of workloads publish (OI-07): read again after ten
 * minutes, or immediately when a token names an unknown key, but for that reason at most once in thirty seconds. While
 * an endpoint fails, the last good copy is used for a day. Blocking.
 */
public final class PublishedKeys {
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(24);
    private static final Duration GAP = Duration.ofSeconds(30);
    private static final long MOST_SETS = 1_000;

    private final Source source;
    private final LoadingCache<URI, Slot> slots =
            Caffeine.newBuilder().maximumSize(MOST_SETS).build(_ -> new Slot());

    /** Fetches key sets. */
    @FunctionalInterface
    interface Source {
        String get(URI keysUrl) throws IOException;
    }

    /** Fetches where the exchange may. */
    public PublishedKeys(OutboundExchange http) {
        this(http::get);
    }

    PublishedKeys(Source source) {
        this.source = source;
    }

    /**
     * The JWK set to verify with.
     *
     * @throws IOException when there is no copy that is recent enough; the message is for the log
     */
    public String current(URI keysUrl, Instant now) throws IOException {
        return slots.get(keysUrl).current(keysUrl, now);
    }

    /** A newer JWK set after a token named an unknown key; empty when there is nothing newer yet. */
    public Optional<String> newer(URI keysUrl, Instant now) {
        return slots.get(keysUrl).newer(keysUrl, now);
    }

    /**
     * The cached key set of one endpoint, guarded by its own monitor, so that a slow endpoint does not block others.
     */
    private final class Slot {
        private @Nullable String document;
        private Instant fetchedAt = Instant.EPOCH;
        private Instant triedAt = Instant.EPOCH;
        private Instant askedForMoreAt = Instant.EPOCH;

        synchronized String current(URI keysUrl, Instant now) throws IOException {
            IOException failure = null;
            if (!isYoungerThan(FRESH, now) && !now.isBefore(triedAt.plus(GAP))) {
                triedAt = now;
                try {
                    fetch(keysUrl, now);
                } catch (IOException e) {
                    failure = e;
                }
            }
            String found = document;
            if (found == null || !isYoungerThan(USABLE, now)) {
                throw new IOException(
                        failure == null
                                ? "its keys could not be fetched a moment ago"
                                : "its keys cannot be fetched: " + failure.getMessage(),
                        failure);
            }
            return found;
        }

        synchronized Optional<String> newer(URI keysUrl, Instant now) {
            if (now.isBefore(askedForMoreAt.plus(GAP))) {
                return Optional.empty();
            }
            askedForMoreAt = now;
            try {
                return Optional.of(fetch(keysUrl, now));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        private String fetch(URI keysUrl, Instant now) throws IOException {
            String fetched = source.get(keysUrl);
            if (KeySetReport.of(fetched).isEmpty()) {
                throw new IOException("answered no JWK set");
            }
            document = fetched;
            fetchedAt = now;
            return fetched;
        }

        private boolean isYoungerThan(Duration age, Instant now) {
            return document != null && now.isBefore(fetchedAt.plus(age));
        }
    }
}
