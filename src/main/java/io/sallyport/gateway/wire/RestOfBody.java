package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What a client still sends of a request that has its answer, on a connection that is to go on. It is read for nothing, so that the
 * next request can be told from it, but not without end (RP-11): whoever sends more, or takes longer, sends it to nobody.
 */
final class RestOfBody {
    private final ChannelHandlerContext ctx;
    private final Future<?> end;
    private long left = LingeringClose.MOST_BYTES;

    /** @param longest the client has this long to finish */
    RestOfBody(ChannelHandlerContext ctx, Duration longest) {
        this.ctx = ctx;
        end = ctx.executor().schedule(() -> ctx.close(), longest.toNanos(), TimeUnit.NANOSECONDS);
        ctx.channel().closeFuture().addListener(closed -> end.cancel(false));
    }

    /** Takes the next piece; false when it was one too many, and the connection is closed. */
    boolean isBearable(HttpContent piece) {
        left -= piece.content().readableBytes();
        if (left < 0) {
            ctx.close();
            return false;
        }
        if (piece instanceof LastHttpContent) {
            end.cancel(false);
        }
        return true;
    }
}
