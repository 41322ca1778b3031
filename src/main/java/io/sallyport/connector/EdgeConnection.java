package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * A connection to the edge, open and with its control stream, whichever transport it uses.
 *
 * @param channel the whole connection: closed when it is
 */
record EdgeConnection(Protocol protocol, Channel channel, ControlConversation control, InetSocketAddress edge) {
    /** Opens connections over one transport. */
    interface Transport {
        /** Connects, verifies the edge, and waits for the control stream. */
        CompletableFuture<EdgeConnection> open(EventLoop loop, InetSocketAddress edge);
    }
}
