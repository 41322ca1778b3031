package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection whose client has its answer and is still sending a body. A socket that is closed over unread bytes is
 * reset, and a reset takes back what the client has not read yet (RFC 9112 §9.6): it never learns why it was refused. So what comes
 * is thrown away for a while: until the body is over, the client leaves, or a bound is reached.
 */
final class LingeringClose {
    /** As many as a client may still send that has its answer. */
    static final long MOST_BYTES = 16L << 20;

    private final ChannelHandlerContext ctx;
    private final Future<?> end;
    private long left = MOST_BYTES;

    /** @param longest the client has this long to finish */
    LingeringClose(ChannelHandlerContext ctx, Duration longest) {
        this.ctx = ctx;
        end = ctx.executor().schedule(() -> over(), longest.toNanos(), TimeUnit.NANOSECONDS);
        ctx.channel().closeFuture().addListener(closed -> end.cancel(false));
        ctx.channel().config().setAutoRead(true);
        // Who reads until there is no more is served; TLS has no half-closed connections that all peers know.
        if (ctx.channel() instanceof DuplexChannel socket && ctx.pipeline().get(SslHandler.class) == null) {
            socket.shutdownOutput();
        }
        ctx.read();
    }

    /** Somebody wants the connection closed: so it will be. */
    void answer(ChannelPromise promise) {
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    }

    /** What came of the body. */
    void discard(Object message) {
        if (message instanceof HttpContent content) {
            left -= content.content().readableBytes();
        }
        boolean isLast = message instanceof LastHttpContent;
        ReferenceCountUtil.release(message);
        if (isLast || left < 0) {
            over();
        }
    }

    /** Closes now. */
    void over() {
        ctx.close();
    }
}
