package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.util.Collection;
import java.util.Optional;

/**
 * All paths through a tunnel: this replica's own connections first, other replicas after them. No I/O; the data about
 * other replicas is as old as the last notice.
 */
public final class TunnelPaths {
    private final TunnelDirectory here;
    private final Replicas elsewhere;

    TunnelPaths(TunnelDirectory here, Replicas elsewhere) {
        this.here = here;
        this.elsewhere = elsewhere;
    }

    /**
     * The least busy path.
     *
     * @param tried paths that this request has tried, one entry per attempt
     */
    public Optional<? extends TunnelPath> next(TunnelAddress to, Collection<TunnelPath> tried) {
        Optional<TunnelConnection> own = here.leastBusy(to, tried);
        return own.isPresent() ? own : elsewhere.leastBusy(to, tried);
    }

    /** The least busy path to any connector of a tunnel. */
    public Optional<? extends TunnelPath> next(TunnelId tunnel, Collection<TunnelPath> tried) {
        return next(TunnelAddress.of(tunnel), tried);
    }
}
