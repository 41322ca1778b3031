package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.http.ClientAddress;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;

/**
 * Limits wrong credentials per source where they are looked up in the database (DO-04, ST-05): a token bucket for each
 * IPv4 address or IPv6 /64, on this replica, in a bounded cache. A source over the limit is refused without a look-up,
 * except for credentials that were right within the last hour, so that a broken script does not lock out others behind
 * the same address. Right credentials are not counted.
 */
public final class WrongCredentials {
    /** When a source may try again. */
    public static final Duration WAIT = Duration.ofMinutes(1);

    private static final int MOST_SOURCES = 50_000;
    private static final int MOST_KNOWN = 10_000;
    private static final Duration KNOWN_FOR = Duration.ofHours(1);

    private final LoadingCache<String, Bucket> sources;
    private final MeterRegistry meters;

    /**
     * Hashes of credentials that were right, with the place where they were presented. They are still looked up every
     * time.
     */
    private final Cache<String, Boolean> known = Caffeine.newBuilder()
            .maximumSize(MOST_KNOWN)
            .expireAfterAccess(KNOWN_FOR)
            .build();

    /**
     * Starts without any counts.
     *
     * @param perMinute wrong ones of one source in a minute; also the largest burst
     */
    public WrongCredentials(int perMinute, MeterRegistry meters) {
        this.meters = meters;
        this.sources = Caffeine.newBuilder()
                .maximumSize(MOST_SOURCES)
                .expireAfterAccess(WAIT.multipliedBy(2))
                .build(_ -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, WAIT))
                        .build());
    }

    /** The source is over its limit; nothing was looked up. */
    public static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;

        private TooMany() {
            super("too many wrong credentials", null, false, false);
        }
    }

    /**
     * Looks a credential up, and counts it against its source when it is wrong. It is counted before the look-up and
     * uncounted when it was right, so that concurrent guesses cannot exceed the limit.
     *
     * @param door where it was presented, as a label of the metric
     * @param lookUp empty for a wrong one
     */
    public <T> Optional<T> check(
            String door, InetAddress client, String credential, Function<String, Optional<T>> lookUp) throws TooMany {
        String key = door + " " + hash(credential);
        Bucket bucket = sources.get(ClientAddress.source(client));
        boolean taken = known.getIfPresent(key) == null;
        if (taken && !bucket.tryConsume(1)) {
            count(door, "refused");
            throw new TooMany();
        }
        boolean wrong = false;
        try {
            Optional<T> found = lookUp.apply(credential);
            wrong = found.isEmpty();
            if (wrong) {
                known.invalidate(key);
                count(door, "wrong");
            } else {
                known.put(key, true);
            }
            return found;
        } finally {
            if (taken && !wrong) {
                bucket.addTokens(1); // not counted either when the database fails
            }
        }
    }

    private void count(String door, String outcome) {
        meters.counter("sallyport.wrong.credentials", "door", door, "outcome", outcome)
                .increment();
    }

    private static String hash(String credential) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(credential.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
