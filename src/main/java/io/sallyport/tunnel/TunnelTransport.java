package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.function.IntConsumer;

/** One connection of a connector, whatever it is made of. Methods may be called from any thread and wait for nothing. */
interface TunnelTransport {
    /** The reason of an end that nobody at this end gave one for. */
    String LEFT = "the connector closed the connection";

    TunnelProtocol protocol();

    /** Where the connector dialled from. */
    String remoteAddress();

    /** The event loop everything on this connection happens on. */
    EventExecutor executor();

    /** The connector has registered. On the event loop. */
    void settled();

    /**
     * Opens a stream for one request. The channel takes a Netty HTTP request and its content, and gives an HTTP response and its
     * content, as if an HTTP/1.1 codec stood in front of it; after a 101 it takes and gives bytes. It reads only when asked to.
     * Failures arrive as {@link TunnelFailure}.
     *
     * @param consumer stands at the end of the channel's pipeline
     */
    Future<? extends Channel> openStream(ChannelHandler consumer);

    /**
     * Gives the connector new rules; what it says to them goes to the log.
     *
     * @param applied told the version that the connector runs afterwards, on the event loop
     */
    void pushConfiguration(int version, String json, IntConsumer applied);

    /** Tells the connector that no new requests will come. */
    void announceEnd();

    /** Ends the connection now, after what was written has left; the first reason counts. */
    void close(String reason);

    /** Why it ended, or would have. */
    String reason();

    TunnelTraffic traffic();

    boolean isOpen();

    /** Runs once, when the connection is gone for whatever reason. */
    void onClose(Runnable then);

    /** The round trip as last measured, zero before that. */
    Duration roundTrip();
}
