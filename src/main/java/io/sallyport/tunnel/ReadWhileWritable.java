package io.sallyport.tunnel;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Reads from a connector that asks on and on only while it takes what it is answered; otherwise the answers would pile up here, as many
 * as it likes (TU-06). What it can have sent by then is bounded by the stream's window.
 */
@ChannelHandler.Sharable
final class ReadWhileWritable extends ChannelInboundHandlerAdapter {
    static final ReadWhileWritable INSTANCE = new ReadWhileWritable();

    private ReadWhileWritable() {}

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        follow(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        follow(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    private static void follow(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }
}
