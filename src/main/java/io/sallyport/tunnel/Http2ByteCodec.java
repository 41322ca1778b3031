package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;

/** An HTTP/2 stream as a stream of bytes, once the other end has answered 200. */
final class Http2ByteCodec extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case Http2HeadersFrame head when !head.isEndStream() && isFine(head) -> {}
                case Http2DataFrame data -> {
                    ctx.fireChannelRead(data.content().retain());
                    if (data.isEndStream()) {
                        ctx.close();
                    }
                }
                default -> ctx.close();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private static boolean isFine(Http2HeadersFrame head) {
        CharSequence status = head.headers().status();
        return status != null && "200".contentEquals(status);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }
}
