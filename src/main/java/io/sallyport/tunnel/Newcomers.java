package io.sallyport.tunnel;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sallyport.http.ClientAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits connections to the tunnel port, or to the port for other replicas: in all, so that strangers who never register can use
 * only so much (TU-03), and per source, so that one source cannot keep all others out (DO-04). The map holds a source while it is
 * connected, the cache while its handshakes are counted. When too many connections have not registered yet, or if descriptors are
 * short, the oldest of them is closed for each new one: an honest connector or replica registers within a moment, so the oldest are
 * those of an attacker who hoards half-open handshakes.
 */
final class Newcomers {
    static final int MOST = 20_000;

    /** Connections of one IPv4 address or IPv6 /64, which may be a whole company or a load balancer. */
    static final int MOST_OF_ONE_SOURCE = 2_000;

    /** Handshakes per second of one source, after an initial burst of {@link #MOST_OF_ONE_SOURCE} (TU-03). */
    private static final int A_SECOND = 100;

    /** Connections of all sources that have not registered. */
    static final int MOST_STRANGERS = 4_000;

    private static final int SOURCES = 100_000;

    private final LoadingCache<String, Bucket> handshakes = Caffeine.newBuilder()
            .maximumSize(SOURCES)
            .expireAfterAccess(Duration.ofSeconds(MOST_OF_ONE_SOURCE / A_SECOND))
            .build(_ -> Bucket.builder()
                    .addLimit(limit -> limit.capacity(MOST_OF_ONE_SOURCE).refillGreedy(A_SECOND, Duration.ofSeconds(1)))
                    .build());
    private final int mostSockets;
    /** Half of the descriptors is for those who have registered. */
    private final int mostStrangeSockets;

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger sockets = new AtomicInteger();
    private final ConcurrentMap<String, Integer> bySource = new ConcurrentHashMap<>();
    /** Unregistered connections in order of arrival; guarded by its own monitor. */
    private final LinkedHashSet<Channel> strangers = new LinkedHashSet<>();
    /** Those of them that have a descriptor; guarded likewise. */
    private final LinkedHashSet<Channel> strangeSockets = new LinkedHashSet<>();

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /**
     * @param mostSockets connections over TCP, which need a file descriptor each; connections over UDP share a few
     *     (DO-06)
     */
    Newcomers(int mostSockets) {
        this.mostSockets = mostSockets;
        this.mostStrangeSockets = Math.max(1, mostSockets / 2);
    }

    /**
     * Whether one more connection is admitted. It is counted until it closes.
     *
     * @param peer the remote address; null when the connection has closed already
     */
    boolean admit(Channel channel, @Nullable SocketAddress peer) {
        String source = source(peer);
        int all = open.incrementAndGet();
        int ofSource = bySource.merge(source, 1, Integer::sum);
        int descriptors = channel instanceof SocketChannel ? 1 : 0;
        int ofSockets = sockets.addAndGet(descriptors);
        if (all > MOST || ofSource > MOST_OF_ONE_SOURCE || ofSockets > mostSockets) {
            leave(source, descriptors);
            if (ofSockets > mostSockets) {
                makeRoom(); // for whoever comes next
            }
            return false;
        }
        channels.add(channel);
        channel.closeFuture().addListener(closed -> {
            settled(channel);
            leave(source, descriptors);
        });
        makeRoom(channel);
        return true;
    }

    private void makeRoom(Channel stranger) {
        Channel oldest = null;
        synchronized (strangers) {
            strangers.add(stranger);
            if (stranger instanceof SocketChannel) {
                strangeSockets.add(stranger);
            }
            if (strangeSockets.size() > mostStrangeSockets) {
                oldest = strangeSockets.getFirst();
            } else if (strangers.size() > MOST_STRANGERS) {
                oldest = strangers.getFirst();
            }
        }
        close(oldest);
    }

    private void makeRoom() {
        Channel oldest;
        synchronized (strangers) {
            oldest = strangeSockets.isEmpty() ? null : strangeSockets.getFirst();
        }
        close(oldest);
    }

    private void close(@Nullable Channel stranger) {
        if (stranger != null) {
            settled(stranger);
            stranger.close();
        }
    }

    /** The connection has registered or closed. */
    void settled(Channel channel) {
        synchronized (strangers) {
            strangers.remove(channel);
            strangeSockets.remove(channel);
        }
    }

    /** Counts a handshake, which costs a signature and a key exchange; false when this source has begun too many. */
    boolean mayBegin(@Nullable SocketAddress peer) {
        return handshakes.get(source(peer)).tryConsume(1);
    }

    /** Open connections, registered or not. */
    int open() {
        return open.get();
    }

    private static String source(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress known && known.getAddress() != null
                ? ClientAddress.source(known.getAddress())
                : "";
    }

    private void leave(String source, int descriptors) {
        open.decrementAndGet();
        sockets.addAndGet(-descriptors);
        bySource.computeIfPresent(source, (_, count) -> count == 1 ? null : count - 1);
    }

    /** Closes all of them. */
    Future<?> close() {
        return channels.close();
    }
}
