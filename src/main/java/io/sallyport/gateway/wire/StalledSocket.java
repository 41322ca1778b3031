package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client does not read its answer (DO-01). Such a client pays with one socket only, while we
 * hold the answer and the connection to the origin, or the tunnel's stream, with everything that has arrived on it.
 */
final class StalledSocket extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StalledSocket.class);

    private final Duration patience;
    private final PeriodicCheck check;
    private long seen;
    private long since;

    /** @param patience how long the client may go without taking a single byte */
    StalledSocket(Duration patience) {
        this.patience = patience;
        this.check = new PeriodicCheck(patience);
    }

    /**
     * Watches only while the send buffer is full, by one periodic task: a slow but honest client costs no more looks
     * than others.
     */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!check.isRunning() && !ctx.channel().isWritable()) {
            seen = waiting(ctx);
            since = System.nanoTime();
            check.start(ctx.executor(), () -> look(ctx));
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        check.stop();
        ctx.fireChannelInactive();
    }

    private void look(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            check.stop();
            return;
        }
        long now = System.nanoTime();
        long waiting = waiting(ctx);
        if (waiting != seen) {
            seen = waiting;
            since = now;
        } else if (now - since >= patience.toNanos()) {
            LOG.info(
                    "connection closed: the client takes nothing of its answer, peer={}",
                    ctx.channel().remoteAddress());
            check.stop();
            ctx.close();
        }
    }

    /** Not the number of waiting bytes, but a value that changes whenever the socket takes any of them. */
    private static long waiting(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : (buffer.totalPendingWriteBytes() << 20) - buffer.currentProgress();
    }
}
