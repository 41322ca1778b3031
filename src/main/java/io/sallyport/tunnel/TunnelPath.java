package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;

/** A way for one request through a tunnel: a connection that this replica holds, or another replica that holds some. */
public interface TunnelPath {
    /**
     * Opens a stream for one request, see {@link TunnelTransport#openStream}.
     *
     * @return fails with a {@link TunnelFailure} of kind {@code NOT_SENT} when this path takes no more
     */
    Future<? extends Channel> open(ChannelHandler consumer);

    /**
     * Runs it when the request that was written to the stream is sure to be carried: before that its body is not to be read, because
     * the request may have to go elsewhere, with it.
     *
     * @param stream one that a path opened
     */
    static void whenTaken(Channel stream, Runnable then) {
        Acceptance.whenTaken(stream, then);
    }
}
