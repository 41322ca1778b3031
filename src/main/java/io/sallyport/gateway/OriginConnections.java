package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the connections to all origins together and limits them to what file descriptors allow (DO-06): one HTTP/2
 * client alone can cause a hundred. A connection beyond the limit fails when it is dialled. Without the limit the
 * process would run out of descriptors and could not even load classes any more.
 */
final class OriginConnections {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    /** @param most connections that may be open at a time, idle ones in pools included */
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

    /** The limit is reached. */
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
