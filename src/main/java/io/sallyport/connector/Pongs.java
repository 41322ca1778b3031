package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * Answers the pings of a WebSocket's client one at a time: of those that come while an answer is still unsent, only the
 * newest is answered (RFC 6455 §5.5.3). So a client that pings and reads nothing fills no memory. Confined to the
 * stream's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write ends its channel
final class Pongs {
    private boolean isUnsent;
    private @Nullable ByteBuf newest;

    /** @param ping content of the frame, which passes over to this */
    void answer(ChannelHandlerContext ctx, ByteBuf ping) {
        drop();
        if (isUnsent) {
            newest = ping;
        } else {
            send(ctx, ping);
        }
    }

    private void send(ChannelHandlerContext ctx, ByteBuf content) {
        isUnsent = true;
        ctx.writeAndFlush(new PongWebSocketFrame(content)).addListener(sent -> {
            isUnsent = false;
            ByteBuf next = newest;
            newest = null;
            if (next != null) {
                send(ctx, next);
            }
        });
    }

    /** Forgets what is not answered yet. */
    void drop() {
        if (newest != null) {
            newest.release();
            newest = null;
        }
    }
}
