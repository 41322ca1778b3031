package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resets HTTP/2 streams whose answer waits for flow-control credit that the client does not give (DO-01, TU-07). It
 * does for streams what {@link StalledSocket} does for connections: one connection can hold a hundred stalled streams.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a reset can only fail to be sent when the connection is gone
final class StalledAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(StalledAnswers.class);

    private final Duration patience;
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private final PeriodicCheck check;

    /**
     * @param window the stream's send window when it was last looked at
     * @param since when the window had that size first, by {@link System#nanoTime}
     */
    private record Waiting(int window, long since) {}

    /** @param patience how long a stream with data to send may go without any credit */
    StalledAnswers(Duration patience) {
        this.patience = patience;
        this.check = new PeriodicCheck(patience);
    }

    /** Starts watching the streams of a connection. */
    void watch(ChannelHandlerContext ctx) {
        check.start(ctx.executor(), () -> look(ctx));
    }

    /** The client gave a stream credit. */
    void credited(int stream) {
        waiting.remove(stream);
    }

    /** The connection has closed. */
    void end() {
        check.stop();
    }

    private void look(ChannelHandlerContext ctx) {
        ChannelHandlerContext codec = ctx.pipeline().context(Http2FrameCodec.class);
        if (codec == null) {
            end();
            return;
        }
        Http2FrameCodec http2 = (Http2FrameCodec) codec.handler();
        if (http2.connection().numActiveStreams() == 0) {
            waiting.clear();
            return;
        }
        for (int late : late(http2)) {
            LOG.info(
                    "stream reset: the client takes nothing of its answer, peer={}",
                    ctx.channel().remoteAddress());
            http2.encoder().writeRstStream(codec, late, Http2Error.ENHANCE_YOUR_CALM.code(), codec.newPromise());
        }
        codec.flush();
    }

    private List<Integer> late(Http2FrameCodec http2) {
        long now = System.nanoTime();
        Map<Integer, Waiting> before = Map.copyOf(waiting);
        List<Integer> late = new ArrayList<>();
        waiting.clear();
        try {
            http2.connection().forEachActiveStream(stream -> {
                Waiting known = before.get(stream.id());
                if (isWaiting(http2, stream)) {
                    int window = http2.connection().remote().flowController().windowSize(stream);
                    Waiting still = known != null && known.window() == window ? known : new Waiting(window, now);
                    if (now - still.since() >= patience.toNanos()) {
                        late.add(stream.id());
                    } else {
                        waiting.put(stream.id(), still);
                    }
                }
                return true;
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException("looking at streams failed", e);
        }
        return late;
    }

    private static boolean isWaiting(Http2FrameCodec http2, Http2Stream stream) {
        return http2.connection().remote().flowController().hasFlowControlled(stream);
    }
}
