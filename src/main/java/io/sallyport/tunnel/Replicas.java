package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.sallyport.identity.TunnelId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The other replicas and the connectors that each has connections to, as last read from the directory. */
final class Replicas {
    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

    private record Key(UUID replica, InetSocketAddress address) {}

    private final LongAdder sent = new LongAdder();
    private final Map<Key, ReplicaPeer> peers = new HashMap<>();
    private volatile Map<TunnelId, List<Way>> ways = Map.of();

    /** A path to a tunnel through another replica. */
    private final class Way implements TunnelPath {
        private final ReplicaPeer peer;
        private final TunnelAddress to;
        private final Map<UUID, Integer> connectors;
        private final int chances;

        /** @param connectors those that the other replica holds, each with the number of its connections */
        Way(ReplicaPeer peer, TunnelAddress to, Map<UUID, Integer> connectors) {
            this.peer = peer;
            this.to = to;
            this.connectors = connectors;
            this.chances =
                    connectors.values().stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public Future<? extends Channel> open(ChannelHandler consumer) {
            sent.increment();
            return peer.open(to, consumer);
        }

        /** The same for one connector alone. */
        Way to(TunnelAddress one) {
            UUID connector = one.connector();
            return connector == null ? this : new Way(peer, one, of(connector));
        }

        private Map<UUID, Integer> of(UUID connector) {
            Integer count = connectors.get(connector);
            return count == null ? Map.of() : Map.of(connector, count);
        }

        /** Whether a request that has tried these paths may try this one. */
        boolean isOpenAfter(Collection<TunnelPath> tried) {
            return chances > 0 && peer.isReachable() && (tried.isEmpty() || isLeftBy(tried));
        }

        /**
         * Whether the request has tried this replica often enough: once for each connection it has, among which it
         * chooses by itself. Connections that were lost may have left the directory since, so the largest number that
         * any attempt saw counts.
         */
        private boolean isLeftBy(Collection<TunnelPath> tried) {
            int attempts = 0;
            int most = chances;
            for (TunnelPath each : tried) {
                if (each instanceof Way way && way.peer == peer) {
                    attempts++;
                    most = Math.max(most, way.chances);
                }
            }
            return attempts < most;
        }
    }

    /** The reachable replica with the fewest requests of this one running, among those that hold connections of the tunnel. */
    Optional<TunnelPath> leastBusy(TunnelAddress to, Collection<TunnelPath> tried) {
        List<Way> all = ways.getOrDefault(to.tunnel(), List.of());
        Way best = null;
        int least = Integer.MAX_VALUE;
        int size = all.size();
        int start = size > 1 ? ThreadLocalRandom.current().nextInt(size) : 0;
        for (int i = 0; i < size; i++) {
            Way each = all.get((start + i) % size);
            int busy = each.peer.outstanding();
            Way there = each.to(to);
            if (busy < least && there.isOpenAfter(tried)) {
                best = there;
                least = busy;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Requests handed to other replicas so far. */
    long sent() {
        return sent.sum();
    }

    /** How many other replicas can be reached now. */
    synchronized int reachable() {
        return (int) peers.values().stream().filter(ReplicaPeer::isReachable).count();
    }

    /** Applies a new directory. Resolves names, so it may block. */
    synchronized void update(List<TunnelLedger.Elsewhere> directory, ReplicaLink.Dialler dialler) {
        Map<TunnelId, List<Way>> next = new HashMap<>();
        Map<Key, ReplicaPeer> named = new HashMap<>();
        for (TunnelLedger.Elsewhere each : directory) {
            InetSocketAddress address = new InetSocketAddress(each.host(), each.port());
            if (address.isUnresolved()) {
                LOG.warn("replica {} is registered at {}, which cannot be resolved", each.replica(), each.host());
                continue;
            }
            Key key = new Key(each.replica(), address);
            ReplicaPeer peer = peers.computeIfAbsent(key, made -> new ReplicaPeer(dialler, each.replica(), address));
            named.put(key, peer);
            each.connections()
                    .forEach((tunnel, connectors) -> next.computeIfAbsent(tunnel, none -> new ArrayList<>())
                            .add(new Way(peer, TunnelAddress.of(tunnel), Map.copyOf(connectors))));
        }
        ways = Map.copyOf(next);
        peers.entrySet().removeIf(known -> {
            boolean isGone = !named.containsKey(known.getKey());
            if (isGone) {
                known.getValue().retire();
            }
            return isGone;
        });
        peers.values().forEach(ReplicaPeer::keepUp);
    }
}
