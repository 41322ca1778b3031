package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections there are to all origins together, which is no more than there are descriptors for (DO-06): one HTTP/2 client
 * can ask for a hundred at once. One too many fails when it is dialled. A process that has no descriptor left could not even load
 * the class that says so.
 */
final class OriginConnections {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    /** @param most that may be open at a time, those that wait in a pool among them */
    OriginConnections(int most) {
        this.most = most;
    }

    /** Counts a new channel until it closes. */
    void count(Channel channel) {
        int sum = open.incrementAndGet();
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        if (sum > most) {
            channel.pipeline().addFirst(new Undialled());
        }
    }

    /** Connections that are open now. */
    int open() {
        return open.get();
    }

    /** There are as many as there may be. */
    static final class Full extends RuntimeException {
        private Full() {
            super("no descriptors for another connection", null, false, false);
        }
    }

    private static final class Undialled extends ChannelOutboundHandlerAdapter {
        @Override
        public void connect(
                ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new Full());
            ctx.close();
        }
    }
}
