package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.sallyport.http.ClientAddress;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Rate limit per source (DO-04): a token bucket for each IPv4 address or IPv6 /64, on this replica, in a bounded cache.
 */
public final class SourceLimits {
    private static final int SOURCES = 100_000;

    private final LoadingCache<String, Bucket> buckets;

    /** @param perMinute requests of one source in a minute; also the largest burst */
    public SourceLimits(int perMinute) {
        buckets = Caffeine.newBuilder()
                .maximumSize(SOURCES)
                .expireAfterAccess(Duration.ofMinutes(2))
                .build(_ -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
                        .build());
    }

    /** Counts a request; false when this source exceeds its limit. */
    public boolean admits(InetAddress client) {
        return buckets.get(ClientAddress.source(client)).tryConsume(1);
    }
}
