package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** A stream that carries bytes: pieces of a body become bytes and back. Its end is announced, and closing it says so politely. */
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

    /** The codec below closes for good once the end has been sent; doing it here could cut off what is still on its way. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isEnded || !ctx.channel().isActive()) {
            ctx.close(promise);
        } else {
            isEnded = true;
            ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, promise);
        }
    }
}
