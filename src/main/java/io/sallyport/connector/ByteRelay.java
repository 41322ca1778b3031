package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import java.util.concurrent.TimeUnit;

/**
 * Copies bytes from one channel to another, as fast as the latter takes them. When either closes, both are closed, the other one after
 * what was sent to it has left: streams have no half-close.
 */
final class ByteRelay extends ChannelInboundHandlerAdapter {
    private static final long PATIENCE_SECONDS = 5;

    private static final int MOST_LOOKS =
            (int) (TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS) / CancelWatch.EVERY_MILLIS);

    private final Channel peer;
    private long passedOn;
    /** While a visitor has left: bytes that the origin had taken at the last look, and looks since it took something. */
    private long taken = -1;

    private int looks;

    ByteRelay(Channel peer) {
        this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            passedOn += bytes.readableBytes();
            peer.write(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
        if (peer.isWritable()) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            peer.read();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            endPeer();
        } else if (event == CancelWatch.Unwanted.BYTES) {
            look(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endPeer();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /**
     * Ends the stream of a visitor who has left when the origin takes nothing more: the stream is not read then, and its end not noticed.
     */
    private void look(ChannelHandlerContext ctx) {
        long before = taken;
        taken = passedOn - peer.bytesBeforeWritable();
        looks = !peer.isWritable() && taken == before ? looks + 1 : 0;
        if (looks == MOST_LOOKS) {
            QuicStreamEnds.abandon(ctx.channel());
        }
    }

    private void endPeer() {
        ChannelFuture sent = peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        peer.eventLoop().execute(() -> watch(sent, Long.MAX_VALUE));
    }

    /** Closes the peer anyway when it takes nothing more of what was sent: the other end is gone and cannot hang up for it. */
    private void watch(ChannelFuture sent, long before) {
        long unsent = peer.bytesBeforeWritable();
        if (sent.isDone()) {
            return;
        }
        if (unsent < before) {
            peer.eventLoop().schedule(() -> watch(sent, unsent), PATIENCE_SECONDS, TimeUnit.SECONDS);
        } else {
            peer.close();
        }
    }
}
