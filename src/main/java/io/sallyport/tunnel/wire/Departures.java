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
 * Lets what is said on a socket's QUIC connections leave together. The codec sends at the end of a round of reading, and outside of
 * one for each write by itself. So a round stays open until the end of the turn of the event loop in which a stream says something:
 * acknowledgements travel with answers, and what many streams say in one turn leaves in one call. Stands before the codec; whoever takes
 * streams must ask the connection for more with each ({@link AllStreams}), because the codec asks only between rounds.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class Departures extends ChannelInboundHandlerAdapter {
    /**
     * An acknowledgement that nothing else takes along may wait 25 ms (RFC 9000 §13.2.1). Timers turn the loop, so there is one at
     * most in this time, whatever arrives.
     */
    private static final long PATIENCE_MILLIS = 5;

    /** Who sends this much may be waiting for room to send more: a sender's first window is 12 KB (RFC 9002 §7.2). */
    private static final int MUCH = 8 << 10;

    /** Packets of a handshake have it (RFC 9000 §17.2); who shakes hands is waiting for nothing else. */
    private static final int LONG_HEADER = 0x80;

    private @Nullable ChannelHandlerContext context;
    private boolean isOpen;
    private boolean isDue;
    private boolean isWatched;
    private int bytes;
    private int unsent;

    /**
     * To be told before a stream says something short. When nothing has arrived in this turn, and so no round of reading is open, the
     * codec would make a call of the system for each of these words; now all that a connection's streams say in this turn leaves in
     * one at its end. A stream of another transport is left alone.
     */
    public static void together(Channel stream) {
        if (stream instanceof QuicStreamChannel quic) {
            QuicChannel connection = quic.parent();
            if (QuicInternals.beginRound(connection)) {
                connection.eventLoop().execute(() -> QuicInternals.endRound(connection));
            }
        }
    }

    /** To be told when a stream has said something: it leaves at the end of this turn. A stream of another transport is left alone. */
    public static void soon(Channel stream) {
        Departures departures = of(stream);
        if (departures != null) {
            departures.soon();
        }
    }

    /** To be told of what a stream writes: while some of it has no room yet, whatever arrives may make room and takes it along. */
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
            depart(); // bulk costs twice as much when it waits for the end of the turn
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

    /** Stands in the pipeline of a connection, and lets all streams in that begin in one round. */
    public static class AllStreams extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
            ctx.read();
        }
    }
}
