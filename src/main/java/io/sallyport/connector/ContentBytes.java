package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Converts the body pieces of a stream to plain bytes and back, for streams that were upgraded. Signals the end of
 * input, and sends an end when it is closed.
 */
final class ContentBytes extends ChannelDuplexHandler {
    private boolean isEnded;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpContent content)) {
            ctx.fireChannelRead(message);
            return;
        }
        ctx.fireChannelRead(content.content());
        if (content instanceof LastHttpContent) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes && !bytes.isReadable()) {
            bytes.release();
            promise.setSuccess();
        } else {
            ctx.write(message instanceof ByteBuf bytes ? new DefaultHttpContent(bytes) : message, promise);
        }
    }

    /**
     * Sends the end and leaves closing to the codec below, because closing here could cut off data that is still being
     * sent. After a reset no end can be sent: waiting for it would keep the stream and the origin's connection open.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isEnded || !ctx.channel().isActive() || isOutputShutdown(ctx.channel())) {
            ctx.close(promise);
        } else {
            isEnded = true;
            ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, promise);
        }
    }

    private static boolean isOutputShutdown(Channel channel) {
        return channel instanceof DuplexChannel duplex && duplex.isOutputShutdown();
    }
}
