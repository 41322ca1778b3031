package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets what is said on a socket's QUIC connections leave together. The codec sends at the end of a round of reading, and outside of
 * one for each write by itself. So a round stays open for a moment: acknowledgements wait for something to travel with, and what
 * many streams say in one turn of the loop shares packets. Stands before the codec.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class Departures extends ChannelInboundHandlerAdapter {
    /** RFC 9000 §13.2.1 lets an acknowledgement wait 25 ms, and us send one after two packets or more (§13.2.2). */
    private static final long PATIENCE_MICROS = 1_000;

    /** Who sends this much is waiting for room to send more. */
    private static final int MUCH = 32 << 10;

    private @Nullable ChannelHandlerContext context;
    private boolean isOpen;
    private boolean isDue;
    private boolean isWatched;
    private int bytes;

    /** To be told when a stream has said something: it leaves at the end of this turn. A stream of another transport is left alone. */
    public static void soon(Channel stream) {
        if (stream instanceof QuicStreamChannel quic) {
            Departures departures = quic.parent().parent().pipeline().get(Departures.class);
            if (departures != null) {
                departures.soon();
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet) {
            bytes += packet.content().readableBytes();
        }
        isOpen = true;
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (bytes >= MUCH) {
            soon();
        } else if (isOpen && !isWatched) {
            isWatched = true;
            ctx.executor().schedule(this::patienceEnds, PATIENCE_MICROS, TimeUnit.MICROSECONDS);
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
}
