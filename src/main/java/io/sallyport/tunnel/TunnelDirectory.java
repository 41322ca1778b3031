package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The live connections of this replica, by tunnel. */
public final class TunnelDirectory {
    /**
     * Connections of one tunnel; far more than it needs (cloudflared: four for each of at most 25 connectors), and few
     * enough to be harmless.
     */
    private static final int MOST_CONNECTIONS = 1_000;

    private final Map<TunnelId, List<TunnelConnection>> connections = new ConcurrentHashMap<>();

    /**
     * The connection with the fewest running requests, over all connectors of the tunnel. While all are busy, one on
     * the calling thread is preferred if it has up to twice as many, because any other costs a request two changes of
     * threads, and its answer one per piece. For some milliseconds further requests of the calling event loop go to the
     * same connection, see {@link TunnelConnection#isGathering}; then it chooses anew. A connection that is stuck while
     * others are idle is not chosen. A worn one is chosen only when there is no other, and retired once it is idle.
     *
     * @param tried paths that failed for this request before
     */
    Optional<TunnelConnection> leastBusy(TunnelAddress to, Collection<? extends TunnelPath> tried) {
        List<TunnelConnection> all = connections.getOrDefault(to.tunnel(), List.of());
        TunnelConnection best = null;
        TunnelConnection near = null;
        TunnelConnection gathering = null;
        TunnelConnection worn = null;
        int size = all.size();
        // A random start spreads requests over equally idle connections.
        int start = size > 1 ? ThreadLocalRandom.current().nextInt(size) : 0;
        for (int i = 0; i < size; i++) {
            TunnelConnection each = all.get((start + i) % size);
            if (!each.isUsable() || !to.fits(each) || tried.contains(each)) {
                continue;
            }
            if (each.isWorn()) {
                worn = lessBusy(worn, each);
            } else {
                best = lessBusy(best, each);
                near = each.isOnThisThread() ? lessBusy(near, each) : near;
                gathering = each.isGathering() ? lessBusy(gathering, each) : gathering;
            }
        }
        if (best == null) {
            return Optional.ofNullable(worn);
        }
        if (worn != null) {
            worn.replaceWhenIdle();
        }
        if (gathering != null) {
            return Optional.of(gathering);
        }
        return Optional.of(near != null && near.outstanding() <= 2 * best.outstanding() ? near : best);
    }

    private static TunnelConnection lessBusy(@Nullable TunnelConnection known, TunnelConnection other) {
        return known == null || other.outstanding() < known.outstanding() ? other : known;
    }

    /** The connections of a tunnel, retired ones included. */
    public List<TunnelConnection> of(TunnelId tunnel) {
        return connections.getOrDefault(tunnel, List.of());
    }

    /** All connections. */
    public Stream<TunnelConnection> all() {
        return connections.values().stream().flatMap(List::stream);
    }

    /**
     * Adds a connection.
     *
     * @return the connection that it replaces
     * @throws TooManyException when the tunnel has too many connections already
     */
    Optional<TunnelConnection> add(TunnelConnection added) {
        List<TunnelConnection> replaced = new ArrayList<>(1);
        connections.compute(added.tunnel(), (tunnel, known) -> {
            List<TunnelConnection> next = new ArrayList<>(known == null ? List.of() : known);
            next.stream().filter(each -> each.key().equals(added.key())).forEach(replaced::add);
            next.removeAll(replaced);
            if (next.size() >= MOST_CONNECTIONS) {
                throw new TooManyException();
            }
            next.add(added);
            return List.copyOf(next);
        });
        return replaced.stream().findFirst();
    }

    void remove(TunnelConnection gone) {
        connections.computeIfPresent(gone.tunnel(), (tunnel, known) -> {
            List<TunnelConnection> rest =
                    known.stream().filter(each -> each != gone).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    /** A tunnel has reached its limit of connections. */
    static final class TooManyException extends RuntimeException {
        TooManyException() {
            super("too many connections", null, false, false);
        }
    }
}
