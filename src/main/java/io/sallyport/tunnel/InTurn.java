package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;

/**
 * Deals channels to another group's event loops by a round robin of its own. The group's own round robin is shared with
 * other channels, so it could put all connections of one connector on one loop. Shutting the loops down is left to
 * their owner.
 */
final class InTurn extends AbstractEventExecutorGroup implements EventLoopGroup {
    private final EventLoopGroup owned;
    private final List<EventLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    InTurn(EventLoopGroup owned) {
        this.owned = owned;
        this.loops = StreamSupport.stream(owned.spliterator(), false)
                .map(EventLoop.class::cast)
                .toList();
    }

    List<EventLoop> loops() {
        return loops;
    }

    @Override
    public EventLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return next().register(channel);
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        return next().register(promise);
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        return next().register(channel, promise);
    }

    @Override
    public Iterator<EventExecutor> iterator() {
        return owned.iterator();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException("these loops are the web server's");
    }

    @Override
    @Deprecated
    public void shutdown() {
        throw new UnsupportedOperationException("these loops are the web server's");
    }

    @Override
    public Future<?> terminationFuture() {
        return owned.terminationFuture();
    }

    @Override
    public boolean isShuttingDown() {
        return owned.isShuttingDown();
    }

    @Override
    public boolean isShutdown() {
        return owned.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return owned.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return owned.awaitTermination(timeout, unit);
    }
}
