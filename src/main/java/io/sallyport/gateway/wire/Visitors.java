package io.sallyport.gateway.wire;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;

/**
 * The connections of visitors, to send them away when the gateway stops. The web server refuses new connections and waits for running
 * requests, but goes on serving connections that are kept alive; their requests would be lost once the tunnels are gone.
 */
public final class Visitors {
    private final ChannelGroup connections = new DefaultChannelGroup("visitors", GlobalEventExecutor.INSTANCE);
    private volatile boolean isClosing;

    /** Adds a connection until it closes. */
    void add(Channel connection) {
        connections.add(connection);
    }

    /** Whether each answer is to be the last one of its connection. */
    boolean isClosing() {
        return isClosing;
    }

    /**
     * Tells visitors that they must connect anew: over HTTP/1.1 with the next answer ({@code Connection: close}, RFC 9112 §9.6), over
     * HTTP/2 with GOAWAY (RFC 9113 §6.8).
     */
    public void sendAway() {
        isClosing = true;
        for (Channel connection : connections) {
            if (connection.pipeline().get(Http2FrameCodec.class) != null) {
                connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
            }
        }
    }

    /**
     * Closes what is still open after a while: connections that are idle. Blocks until then.
     *
     * @param patience time in which clients that are busy get their last answer
     */
    public void close(Duration patience) {
        if (!connections.newCloseFuture().awaitUninterruptibly(patience.toMillis())) {
            connections.close().awaitUninterruptibly(patience.toMillis());
        }
    }
}
