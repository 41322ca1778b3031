package io.sallyport.tunnel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Pings the other end of an HTTP/2 connection, to measure the round trip and to detect a dead peer. */
final class Pings extends ChannelInboundHandlerAdapter {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    /**
     * A ping unanswered for this long means that the peer is dead, which is found at most 8 seconds after its last
     * answer.
     */
    private static final Duration DEAD = Duration.ofSeconds(5);

    private final LongConsumer measured;
    private final Runnable dead;
    private @Nullable Future<?> timer;
    private long sentAt;

    /**
     * Starts when it becomes part of a pipeline.
     *
     * @param measured told each round trip in nanoseconds
     * @param dead runs when there was no answer
     */
    Pings(LongConsumer measured, Runnable dead) {
        this.measured = measured;
        this.dead = dead;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor()
                .scheduleAtFixedRate(() -> ping(ctx), INTERVAL.toNanos(), INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void ping(ChannelHandlerContext ctx) {
        long now = System.nanoTime();
        if (sentAt == 0) {
            sentAt = now;
            ctx.channel().writeAndFlush(new DefaultHttp2PingFrame(now));
        } else if (now - sentAt >= DEAD.toNanos()) {
            dead.run();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2PingFrame ping && ping.ack()) {
            if (sentAt != 0 && ping.content() == sentAt) {
                measured.accept(System.nanoTime() - sentAt);
                sentAt = 0;
            }
            return;
        }
        ctx.fireChannelRead(message);
    }
}
