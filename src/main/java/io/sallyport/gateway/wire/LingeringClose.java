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
 * Closes a connection whose client has its answer but is still sending a body. Closing a socket with unread bytes sends
 * a reset, and a reset makes the client lose what it has not read yet (RFC 9112 §9.6), so it would never learn why it
 * was refused. Therefore the rest of the body is read and discarded first: until it ends, the client leaves, or a limit
 * of time or bytes is reached.
 */
final class LingeringClose {
    /** Bytes that a client may still send after its answer. */
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
        // Tells clients that read up to the end of the stream that the answer is complete. Not over TLS, whose
        // half-closed connections many peers do not support.
        if (ctx.channel() instanceof DuplexChannel socket && ctx.pipeline().get(SslHandler.class) == null) {
            socket.shutdownOutput();
        }
        ctx.read();
    }

    /** Completes the promise of somebody else's close when this close is done. */
    void answer(ChannelPromise promise) {
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    }

    /** Discards a message, and closes when it is the last one or the limit of bytes is exceeded. */
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
