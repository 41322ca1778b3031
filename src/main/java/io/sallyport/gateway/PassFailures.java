package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Counts app passes that do not authenticate, per source: after thirty in a minute the answer says to slow down. A correct pass is
 * never counted, so nobody is locked out by somebody else's guesses (ST-05).
 */
final class PassFailures {
    private static final int PER_MINUTE = 30;

    private final LoadingCache<InetAddress, Bucket> sources = Caffeine.newBuilder()
            .maximumSize(50_000)
            .expireAfterAccess(Duration.ofMinutes(2))
            .build(_ -> Bucket.builder()
                    .addLimit(limit -> limit.capacity(PER_MINUTE).refillGreedy(PER_MINUTE, Duration.ofMinutes(1)))
                    .build());

    /** Notes one; true when there were too many. */
    boolean tooMany(InetAddress client) {
        return !sources.get(client).tryConsume(1);
    }
}
