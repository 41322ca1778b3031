package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;

/** One connection of a connector, over either transport. Methods may be called on any thread and do not block. */
interface TunnelTransport {
    /** The reason when this end has not given one. */
    String LEFT = "the connector closed the connection";

    TunnelProtocol protocol();

    /** The connector's address. */
    String remoteAddress();

    /** The event loop of this connection. */
    EventExecutor executor();

    /**
     * Must be called when the connector has registered, on the event loop.
     *
     * @param features that the connector reported
     */
    void settled(List<String> features);

    /**
     * Opens a stream for one request. The channel accepts a Netty HTTP request and its content, and returns an HTTP response and
     * its content, as if it had an HTTP/1.1 codec; after a 101 it carries bytes. It does not read automatically.
     * Failures arrive as {@link TunnelFailure}.
     *
     * @param consumer the last handler of the channel's pipeline
     */
    Future<? extends Channel> openStream(ChannelHandler consumer);

    /**
     * Sends the connector new rules; its answer is logged.
     *
     * @param applied receives the version that the connector uses afterwards, on the event loop
     */
    void pushConfiguration(int version, String json, IntConsumer applied);

    /** Tells the connector that no new requests will come. */
    void announceEnd();

    /** Closes the connection when everything written has been sent. If it is called repeatedly, the first reason counts. */
    void close(String reason);

    /** Why the connection ended; before that, the reason that it would have. */
    String reason();

    TunnelTraffic traffic();

    boolean isOpen();

    /** Runs once, when the connection has closed. */
    void onClose(Runnable then);

    /** The round trip as last measured, zero before that. */
    Duration roundTrip();
}
