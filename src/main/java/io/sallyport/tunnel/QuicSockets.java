package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of one port, and the choice which of them gets a new QUIC connection. By itself Linux chooses by a hash of the
 * addresses: with two event loops it puts three of a connector's four connections on the same one in half of the cases, and all four in
 * one case of eight. Instead, the Retry that answers a client's first packet (RFC 9000 §8.1.2) carries a connection id that names the
 * socket with the least to do; the client addresses its next packets to that id, and {@link SocketFilter} hands them to that socket.
 */
final class QuicSockets {
    private static final Logger LOG = LoggerFactory.getLogger(QuicSockets.class);

    private final AddressTokens tokens;
    private final List<Place> places = new ArrayList<>();
    private final Map<EventLoop, AtomicInteger> connectionsOfLoops = new HashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** @param tokens of all sockets, because a connection may begin at another one than its first packet */
    QuicSockets(AddressTokens tokens) {
        this.tokens = tokens;
    }

    /** The place of the socket that is bound next. Sockets must be bound in the order of their places. */
    Place next(EventLoop loop) {
        Place next = new Place(places.size(), connectionsOfLoops.computeIfAbsent(loop, first -> new AtomicInteger()));
        places.add(next);
        return next;
    }

    /**
     * Has the system distribute packets by connection id, once all sockets are bound. None may have been read before: the packets of a
     * connection that began earlier could go to another socket from now on.
     */
    void steer(Channel socket) {
        if (places.size() > 1 && socket instanceof EpollDatagramChannel datagrams) {
            try {
                SocketFilter.byConnectionId(places.size()).attach(datagrams);
            } catch (ChannelException refused) {
                LOG.info("QUIC connections are distributed by address, maybe unevenly: {}", refused.toString());
            }
        }
    }

    /** The socket with the fewest connections on the loop with the fewest; in turn among equal ones. */
    private Place leastBusy() {
        int size = places.size();
        int start = Math.floorMod(turn.getAndIncrement(), size);
        Place best = places.get(start);
        for (int i = 1; i < size; i++) {
            Place each = places.get((start + i) % size);
            best = each.hasLessToDo(best) ? each : best;
        }
        return best;
    }

    /** One socket: checks the addresses of new clients and names connections. Used on its event loop only. */
    final class Place implements QuicTokenHandler, QuicConnectionIdGenerator {
        private final int index;
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicInteger connectionsOfLoop;
        private boolean isRetry;

        private Place(int index, AtomicInteger connectionsOfLoop) {
            this.index = index;
            this.connectionsOfLoop = connectionsOfLoop;
        }

        /** Counts a connection of this socket until it closes. */
        void count(Channel connection) {
            connections.incrementAndGet();
            connectionsOfLoop.incrementAndGet();
            connection.closeFuture().addListener(closed -> {
                connections.decrementAndGet();
                connectionsOfLoop.decrementAndGet();
            });
        }

        private boolean hasLessToDo(Place other) {
            int difference = connectionsOfLoop.get() - other.connectionsOfLoop.get();
            return difference < 0 || (difference == 0 && connections.get() < other.connections.get());
        }

        @Override
        public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress address) {
            isRetry = true; // the codec asks for its connection id next
            return tokens.writeToken(out, connectionId, address);
        }

        @Override
        public int validateToken(ByteBuf token, InetSocketAddress address) {
            return tokens.validateToken(token, address);
        }

        @Override
        public int maxTokenLength() {
            return tokens.maxTokenLength();
        }

        /** A connection id for a Retry, or one more for a connection that this socket has. */
        @Override
        public ByteBuffer newId(int length) {
            int socket = isRetry ? leastBusy().index : index;
            isRetry = false;
            return SocketFilter.connectionId(
                    QuicConnectionIdGenerator.randomGenerator().newId(length), socket, places.size());
        }

        @Override
        public ByteBuffer newId(ByteBuffer input, int length) {
            return newId(length);
        }

        @Override
        public int maxConnectionIdLength() {
            return QuicConnectionIdGenerator.randomGenerator().maxConnectionIdLength();
        }

        @Override
        public boolean isIdempotent() {
            return false;
        }
    }
}
