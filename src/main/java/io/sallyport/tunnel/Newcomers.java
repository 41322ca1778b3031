package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds the connections that there are at all, so that strangers who never register use up only so much (TU-03). */
final class Newcomers {
    private static final int MOST = 20_000;

    private final AtomicInteger open = new AtomicInteger();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /** Whether one more may be; counted until it closes. */
    boolean admit(Channel channel) {
        if (open.incrementAndGet() > MOST) {
            open.decrementAndGet();
            return false;
        }
        channels.add(channel);
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        return true;
    }

    /** Closes all of them. */
    Future<?> close() {
        return channels.close();
    }
}
