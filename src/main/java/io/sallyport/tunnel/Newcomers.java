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
 * Bounds the connections that there are at all, so that strangers who never register use up only so much (TU-03), and those of one
 * source, so that one alone cannot keep everybody else out (DO-04). A source stands in the map for as long as it is connected, and in
 * the cache for as long as its handshakes are counted. Of those who have not registered yet the oldest makes room for the next: an
 * honest one needs a moment, and only who hoards half handshakes is still there when so many others came.
 */
final class Newcomers {
    static final int MOST = 20_000;

    /** Of one IPv4 address or IPv6 /64: a company's connectors behind one address, or all that a balancer hands on. */
    static final int MOST_OF_ONE_SOURCE = 2_000;

    /** Handshakes of one source: as many at once as it may have connections, and then so many a second (TU-03). */
    private static final int A_SECOND = 100;

    /** Who have not registered, of all sources. */
    static final int MOST_STRANGERS = 4_000;

    private static final int SOURCES = 100_000;

    private final LoadingCache<String, Bucket> handshakes = Caffeine.newBuilder()
            .maximumSize(SOURCES)
            .expireAfterAccess(Duration.ofSeconds(MOST_OF_ONE_SOURCE / A_SECOND))
            .build(_ -> Bucket.builder()
                    .addLimit(limit -> limit.capacity(MOST_OF_ONE_SOURCE).refillGreedy(A_SECOND, Duration.ofSeconds(1)))
                    .build());
    private final int mostSockets;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger sockets = new AtomicInteger();
    private final ConcurrentMap<String, Integer> bySource = new ConcurrentHashMap<>();
    /** In the order of their arrival; guarded by itself. */
    private final LinkedHashSet<Channel> strangers = new LinkedHashSet<>();

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /** @param mostSockets connections that each have a descriptor, which those over UDP have not (DO-06) */
    Newcomers(int mostSockets) {
        this.mostSockets = mostSockets;
    }

    /**
     * Whether one more may be; counted until it closes.
     *
     * @param peer its other end; null when it has gone already
     */
    boolean admit(Channel channel, @Nullable SocketAddress peer) {
        String source = source(peer);
        int all = open.incrementAndGet();
        int ofSource = bySource.merge(source, 1, Integer::sum);
        int descriptors = channel instanceof SocketChannel ? 1 : 0;
        int ofSockets = sockets.addAndGet(descriptors);
        if (all > MOST || ofSource > MOST_OF_ONE_SOURCE || ofSockets > mostSockets) {
            leave(source, descriptors);
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
        Channel oldest;
        synchronized (strangers) {
            strangers.add(stranger);
            oldest = strangers.size() > MOST_STRANGERS ? strangers.removeFirst() : null;
        }
        if (oldest != null) {
            oldest.close();
        }
    }

    /** It has registered, or is gone. */
    void settled(Channel channel) {
        synchronized (strangers) {
            strangers.remove(channel);
        }
    }

    /** Whether this source may begin a handshake, which costs a signature and an exchange of keys; counts it. */
    boolean mayBegin(@Nullable SocketAddress peer) {
        return handshakes.get(source(peer)).tryConsume(1);
    }

    /** How many there are now, registered or not. */
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
