package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.snapshot.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.springframework.beans.factory.DisposableBean;
import reactor.netty.resources.ConnectionProvider;

/**
 * The origins in use. An upstream that did not change keeps its client, and so its pooled connections, across snapshots; one that
 * nobody asked for in a while is forgotten.
 */
final class Origins implements DisposableBean {
    private static final int MOST = 10_000;

    private final ConnectionProvider pool = ConnectionProvider.builder("sallyport-origins")
            .maxConnections(1_000)
            .pendingAcquireMaxCount(2_000)
            .pendingAcquireTimeout(Duration.ofSeconds(10))
            .maxIdleTime(Duration.ofSeconds(20))
            .evictInBackground(Duration.ofSeconds(30))
            .lifo()
            .build();
    private final Cache<Upstream, Origin> origins = Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterAccess(Duration.ofMinutes(10))
            .build();

    /** The origin of an upstream, made at its first use. */
    Origin of(Upstream upstream) {
        return origins.get(upstream, this::create);
    }

    private Origin create(Upstream upstream) {
        try {
            return switch (upstream) {
                case Upstream.Direct direct -> new Origin(direct, pool);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void destroy() {
        pool.dispose();
    }
}
