package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client takes nothing of what waits for it (DO-01). It costs the client a socket; here stand the answer, its
 * origin's connection or a tunnel's stream with all that has come already, and would stand for as long as it likes.
 */
final class StalledSocket extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StalledSocket.class);
    private static final int LOOKS = 4;

    private final Duration patience;
    private @Nullable Future<?> looking;
    private long seen;
    private long since;

    /** @param patience how long not one byte may be taken */
    StalledSocket(Duration patience) {
        this.patience = patience;
    }

    /** While there is room nobody waits; and who goes on taking is looked at no more often than the others. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (looking == null && !ctx.channel().isWritable()) {
            seen = waiting(ctx);
            since = System.nanoTime();
            long step = patience.toNanos() / LOOKS;
            looking = ctx.executor().scheduleAtFixedRate(() -> look(ctx), step, step, TimeUnit.NANOSECONDS);
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    private void end() {
        Future<?> running = looking;
        if (running != null) {
            running.cancel(false);
            looking = null;
        }
    }

    private void look(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            end();
            return;
        }
        long now = System.nanoTime();
        long waiting = waiting(ctx);
        if (waiting != seen) {
            seen = waiting;
            since = now;
        } else if (now - since >= patience.toNanos()) {
            LOG.info(
                    "connection ended: nothing of its answer is taken, peer={}",
                    ctx.channel().remoteAddress());
            end();
            ctx.close();
        }
    }

    /** Not how much there is, but something that changes with every byte of it. */
    private static long waiting(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : (buffer.totalPendingWriteBytes() << 20) - buffer.currentProgress();
    }
}
