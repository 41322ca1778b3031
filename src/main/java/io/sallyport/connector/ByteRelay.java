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
import java.util.concurrent.TimeUnit;

/**
 * Copies bytes from one channel to another, as fast as the latter takes them. When either closes, both are closed, the other one after
 * what was sent to it has left: streams have no half-close.
 */
final class ByteRelay extends ChannelInboundHandlerAdapter {
    private static final long PATIENCE_SECONDS = 5;

    private final Channel peer;

    ByteRelay(Channel peer) {
        this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf) {
            peer.write(message);
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
