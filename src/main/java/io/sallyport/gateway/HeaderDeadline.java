package io.sallyport.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request whose header block takes longer than ten seconds from its first byte ends its connection (DO-01). HTTP/1 only. */
final class HeaderDeadline extends ChannelInboundHandlerAdapter {
    private static final long SECONDS = 10;

    private boolean inMessage;
    private boolean off;
    private @Nullable Future<?> timer;

    /** The header block is complete; what follows is body. */
    void headerRead() {
        inMessage = true;
        cancel();
    }

    /** The message is complete; the next byte begins a header block. */
    void messageRead() {
        inMessage = false;
    }

    /** Stands aside for good: another protocol, or an upgrade. */
    void off() {
        off = true;
        cancel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!off && !inMessage && timer == null) {
            timer = ctx.executor()
                    .schedule(
                            () -> {
                        var _ = ctx.close();
                    },
                            SECONDS,
                            TimeUnit.SECONDS);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancel();
        ctx.fireChannelInactive();
    }

    private void cancel() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }
}
