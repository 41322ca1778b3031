package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;

/** A path for one request through a tunnel: a connection of this replica, or another replica that has connections. */
public interface TunnelPath {
    /**
     * Opens a stream for one request, see {@link TunnelTransport#openStream}.
     *
     * @return fails with a {@link TunnelFailure} of kind {@code NOT_SENT} when this path takes no more
     */
    Future<? extends Channel> open(ChannelHandler consumer);

    /**
     * Runs a task once the request written to the stream is certain to be carried. Its body must not be read before
     * that, because the request may have to be sent by another path, body included.
     *
     * @param stream a stream that a path opened
     */
    static void whenTaken(Channel stream, Runnable then) {
        Acceptance.whenTaken(stream, then);
    }
}
