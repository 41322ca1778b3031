package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Upstream;
import java.io.IOException;
import java.time.Duration;
import org.springframework.beans.factory.DisposableBean;
import reactor.netty.resources.ConnectionProvider;

/**
 * The origins in use. An unchanged upstream keeps its HTTP client and pooled connections across snapshots; one that is
 * not used for a while is dropped.
 */
final class Origins implements DisposableBean {
    /** Origins that are kept ready; a used one beyond that is made anew. */
    private static final int MOST = 10_000;

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);
    /** Connections to one address; further requests wait for one, and beyond {@link #MOST_WAITING} fail at once. */
    private static final int MOST_CONNECTIONS = 1_000;

    private static final int MOST_WAITING = 2_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** Most origins keep idle connections longer, so that one is seldom closed as it is taken. */
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(20);

    private static final Duration BETWEEN_EVICTIONS = Duration.ofSeconds(30);

    private final ConnectionProvider pool = ConnectionProvider.builder("sallyport-origins")
            .maxConnections(MOST_CONNECTIONS)
            .pendingAcquireMaxCount(MOST_WAITING)
            .pendingAcquireTimeout(LONGEST_WAIT)
            .maxIdleTime(LONGEST_IDLE)
            .evictInBackground(BETWEEN_EVICTIONS)
            .lifo() // the connections that are not needed grow old together
            .build();
    private final Cache<Upstream.Direct, Origin> origins = Caffeine.newBuilder()
            .executor(Runnable::run) // its upkeep is shorter than handing it over
            .maximumSize(MOST)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .build();

    private final OriginConnections connections;
    private final Duration patience;

    /**
     * An empty set.
     *
     * @param connections counts those of all origins
     * @param patience how long an origin that has the whole request may take to begin its answer
     */
    Origins(OriginConnections connections, Duration patience) {
        this.connections = connections;
        this.patience = patience;
    }

    /** The destination of an upstream, made at its first use. */
    Destination of(Upstream upstream) {
        return switch (upstream) {
            case Upstream.Direct direct -> origins.get(direct, this::create);
            case Upstream.ViaTunnel(TunnelId tunnel, String hostname) -> new TunnelOrigin(tunnel, hostname);
        };
    }

    private Origin create(Upstream.Direct upstream) {
        try {
            return new Origin(upstream, pool, connections, patience);
        } catch (IOException e) {
            throw OriginFailure.unusableCaPool(e);
        }
    }

    @Override
    public void destroy() {
        pool.dispose();
    }
}
