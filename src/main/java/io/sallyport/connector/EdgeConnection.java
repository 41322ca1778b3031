package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * An open connection to the edge with its control stream, over either transport.
 *
 * @param channel the whole connection; closing it ends everything on it
 */
record EdgeConnection(Protocol protocol, Channel channel, ControlConversation control, InetSocketAddress edge) {
    /** Opens connections over one transport. */
    interface Transport {
        /** Connects, verifies the edge, and waits for the control stream. */
        CompletableFuture<EdgeConnection> open(EventLoop loop, InetSocketAddress edge);
    }
}
