package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Batches the packets of a socket's QUIC connections. The codec sends packets at the end of a round of reading and,
 * outside of rounds, after each write. This handler keeps the round open until the end of the event loop's turn in
 * which a stream writes, so that acknowledgements travel with answers, and the writes of many streams leave in one
 * system call. It stands before the codec. A connection that accepts streams must call read() for each of them ({@link
 * AllStreams}), because the codec reads only between rounds.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class Departures extends ChannelInboundHandlerAdapter {
    /**
     * Longest delay of an acknowledgement that no other packet takes along; RFC 9000 §13.2.1 permits 25 ms. There is at most one timer
     * in this time, however much arrives, because each timer wakes the loop.
     */
    private static final long PATIENCE_MILLIS = 5;

    /**
     * Bytes after which the acknowledgement is not delayed, because the peer may be waiting for it. More than the answers to two dozen
     * small requests, which would otherwise be acknowledged separately. The initial congestion window of 12 KB (RFC 9002 §7.2) doubles
     * with each acknowledgement, so a transfer waits for the timer twice at its beginning.
     */
    private static final int MUCH = 32 << 10;

    /** Set in handshake packets (RFC 9000 §17.2), which are answered at once because the peer waits for the answer. */
    private static final int LONG_HEADER = 0x80;

    private @Nullable ChannelHandlerContext context;
    private boolean isOpen;
    private boolean isDue;
    private boolean isWatched;
    private int bytes;
    private int unsent;

    /**
     * Must be called before a stream writes something short. When nothing has arrived in this turn, no round of reading
     * is open, and the codec would make a system call for each of these writes; this opens a round, so that all writes
     * of the connection's streams in this turn leave in one call at its end. Does nothing for other transports.
     */
    public static void together(Channel stream) {
        if (stream instanceof QuicStreamChannel quic) {
            QuicChannel connection = quic.parent();
            if (QuicInternals.beginRound(connection)) {
                connection.eventLoop().execute(() -> QuicInternals.endRound(connection));
            }
        }
    }

    /**
     * Must be called when a stream has ended with nothing but its FIN: that leaves at once, even in the middle of a round. The QUIC
     * library takes a stream for complete when all its data is acknowledged, although the FIN has not left yet (quiche issue 2525), and
     * then forgets the FIN: the other end would wait for ever. Does nothing for other transports.
     */
    public static void now(Channel stream) {
        if (stream instanceof QuicStreamChannel quic) {
            QuicInternals.endRound(quic.parent());
        }
    }

    /**
     * Must be called when a stream has written: the data leaves at the end of this turn. Does nothing for other
     * transports.
     */
    public static void soon(Channel stream) {
        Departures departures = of(stream);
        if (departures != null) {
            departures.soon();
        }
    }

    /**
     * Must be called with each write of a stream. While a write waits for the peer's window, every packet that arrives may open it, so
     * packets are sent at the end of each reading round.
     */
    public static void watch(Channel stream, ChannelFuture written) {
        Departures departures = written.isDone() ? null : of(stream);
        if (departures != null) {
            departures.watch(written);
        }
    }

    void watch(ChannelFuture written) {
        unsent++;
        written.addListener(done -> {
            unsent--;
            soon();
        });
    }

    private static @Nullable Departures of(Channel stream) {
        return stream instanceof QuicStreamChannel quic
                ? quic.parent().parent().pipeline().get(Departures.class)
                : null;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        context = null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && packet.content().isReadable()) {
            ByteBuf content = packet.content();
            boolean isHandshake = (content.getByte(content.readerIndex()) & LONG_HEADER) != 0;
            bytes += isHandshake ? MUCH : content.readableBytes();
        }
        isOpen = true;
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (bytes >= MUCH || unsent > 0) {
            depart(); // delaying bulk data to the end of the turn doubles its cost
        } else if (isOpen && !isDue && !isWatched) {
            isWatched = true;
            ctx.executor().schedule(this::patienceEnds, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void patienceEnds() {
        isWatched = false;
        depart();
    }

    void soon() {
        if (isOpen && !isDue && context != null) {
            isDue = true;
            context.executor().execute(this::depart);
        }
    }

    private void depart() {
        isDue = false;
        if (isOpen && context != null) {
            isOpen = false;
            bytes = 0;
            context.fireChannelReadComplete();
        }
    }

    /** A handler of a connection, which accepts all streams that begin in one round. */
    public static class AllStreams extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
            ctx.read();
        }
    }
}
