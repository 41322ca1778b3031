package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.sallyport.token.Bearer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The running streams with their assertions, so that they are ended when an assertion is revoked: WebSockets, event
 * streams, long downloads (WS-02). A request costs one entry in a map; assertions are parsed only when something was
 * revoked.
 */
final class LiveStreams {
    private final Withdrawn withdrawn;
    private final ConnectorMetrics metrics;
    private final ConnectorLog log;
    private final Map<Channel, String> streams = new ConcurrentHashMap<>();
    private final AtomicBoolean isRoundAhead = new AtomicBoolean();

    LiveStreams(Withdrawn withdrawn, ConnectorMetrics metrics, ConnectorLog log) {
        this.withdrawn = withdrawn;
        this.metrics = metrics;
        this.log = log;
        withdrawn.whenChanged(this::roundSoon);
    }

    /** Watches a stream for as long as it is open. */
    void watch(Channel stream, String assertion) {
        streams.put(stream, assertion);
        stream.closeFuture().addListener(closed -> streams.remove(stream));
    }

    /** Checks the streams off the event loops, because there may be thousands. */
    private void roundSoon() {
        if (isRoundAhead.compareAndSet(false, true)) {
            Thread.ofVirtual().name("withdrawn").start(this::round);
        }
    }

    private void round() {
        isRoundAhead.set(false);
        streams.forEach((stream, assertion) -> {
            if (Bearer.claimed(assertion).map(withdrawn::covers).orElse(true)) {
                log.debug("stream ended: its session was revoked");
                metrics.streamCut();
                stream.writeAndFlush(StreamAbort.BROKEN).addListener(aborted -> close(stream));
            }
        });
    }

    /** Closes the stream below the handlers, some of which would delay that by a graceful end. */
    private static void close(Channel stream) {
        ChannelHandlerContext lowest = stream.pipeline().firstContext();
        if (lowest == null) {
            stream.close();
        } else {
            lowest.close();
        }
    }
}
