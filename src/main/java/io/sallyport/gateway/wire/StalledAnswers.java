package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resets HTTP/2 streams whose answer waits for credit that does not come (DO-01, TU-07): a client that keeps its windows shut is
 * {@link StalledSocket} without the socket, a hundred times on one connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a reset that does not leave is that of a connection which is gone
final class StalledAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(StalledAnswers.class);
    private static final int LOOKS = 4;

    private final Duration patience;
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private @Nullable Future<?> looking;

    /** @param window what was left of it since then */
    private record Waiting(int window, long since) {}

    /** @param patience how long not one byte may be asked for */
    StalledAnswers(Duration patience) {
        this.patience = patience;
    }

    /** Begins to look at a connection. */
    void watch(ChannelHandlerContext ctx) {
        long step = patience.toNanos() / LOOKS;
        looking = ctx.executor().scheduleAtFixedRate(() -> look(ctx), step, step, TimeUnit.NANOSECONDS);
    }

    /** A stream got credit. */
    void credited(int stream) {
        waiting.remove(stream);
    }

    /** The connection is over. */
    void end() {
        Future<?> running = looking;
        if (running != null) {
            running.cancel(false);
            looking = null;
        }
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
                    "stream ended: nothing of its answer is asked for, peer={}",
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
