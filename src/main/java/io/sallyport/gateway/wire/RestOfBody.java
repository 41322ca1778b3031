package io.sallyport.gateway.wire;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the rest of a request body that arrives after its answer, on a connection that stays open. The rest must be
 * read to find the next request, but only up to a limit of bytes and time (RP-11); beyond it the connection is closed.
 */
final class RestOfBody {
    private final ChannelHandlerContext ctx;
    private final Future<?> end;
    private final ChannelFutureListener closed;
    private long left = LingeringClose.MOST_BYTES;

    /** @param longest the client has this long to finish */
    RestOfBody(ChannelHandlerContext ctx, Duration longest) {
        this.ctx = ctx;
        end = ctx.executor().schedule(() -> ctx.close(), longest.toNanos(), TimeUnit.NANOSECONDS);
        closed = over -> end.cancel(false);
        ctx.channel().closeFuture().addListener(closed);
    }

    /** Counts the next piece; false when the limit is exceeded, and the connection is closed. */
    boolean isBearable(HttpContent piece) {
        left -= piece.content().readableBytes();
        if (left < 0) {
            ctx.close();
            return false;
        }
        if (piece instanceof LastHttpContent) {
            end.cancel(false);
            ctx.channel().closeFuture().removeListener(closed); // one connection of a balancer carries many requests
        }
        return true;
    }
}
