package io.sallyport.tunnel;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Reads a connector's calls only while it takes our answers. Otherwise a connector could fill our memory with unread
 * answers (TU-06). What it can send meanwhile is bounded by the stream's window.
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
