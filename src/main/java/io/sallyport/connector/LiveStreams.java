package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.sallyport.token.Bearer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The streams that run with somebody's assertion, so that they end when it is revoked: WebSockets, event streams and long downloads
 * among them (WS-02). Costs a request one entry in a map; assertions are read only when something was revoked.
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

    /** Apart from the event loops: there may be thousands of streams to look at. */
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
                stream.writeAndFlush(StreamAbort.INSTANCE).addListener(aborted -> close(stream));
            }
        });
    }

    /** From below the handlers, of which some would say a polite goodbye first. */
    private static void close(Channel stream) {
        ChannelHandlerContext lowest = stream.pipeline().firstContext();
        if (lowest == null) {
            stream.close();
        } else {
            lowest.close();
        }
    }
}
