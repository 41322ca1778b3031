package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the bodies of the streams of one HTTP/2 connection (DO-01). A stream whose window is used up waits for us, and gRPC
 * streams say nothing for as long as they like: whoever may not come in is answered before a body is waited for.
 */
final class SlowStreams {
    private static final Logger LOG = LoggerFactory.getLogger(SlowStreams.class);
    private static final int LOOKS_PER_WINDOW = 4;

    private final EdgeLimits limits;
    private final Map<Integer, Body> bodies = new HashMap<>();
    private @Nullable Future<?> looking;
    private long since;

    private record Body(Http2FrameStream stream, BodyPace pace) {}

    SlowStreams(EdgeLimits limits) {
        this.limits = limits;
    }

    /** A request came whose body follows. */
    void begins(ChannelHandlerContext ctx, Http2FrameStream stream, @Nullable CharSequence contentType) {
        boolean grpc = contentType != null && contentType.toString().startsWith("application/grpc");
        if (grpc || limits.bodyPerSecond().toBytes() == 0) {
            return;
        }
        bodies.put(
                stream.id(),
                new Body(stream, new BodyPace(limits.bodyPerSecond().toBytes(), limits.bodyWindow())));
        if (looking == null) {
            since = System.nanoTime();
            Duration step = limits.bodyWindow().dividedBy(LOOKS_PER_WINDOW);
            looking = ctx.executor()
                    .scheduleAtFixedRate(() -> look(ctx), step.toNanos(), step.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** A piece of a body, perhaps its last. */
    void received(Http2FrameStream stream, int bytes, boolean last) {
        Body body = last ? bodies.remove(stream.id()) : bodies.get(stream.id());
        if (body != null) {
            body.pace().received(bytes);
        }
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
        Http2FrameCodec codec = ctx.pipeline().get(Http2FrameCodec.class);
        if (codec == null || bodies.isEmpty()) {
            end();
            return;
        }
        long now = System.nanoTime();
        long passed = now - since;
        since = now;
        Iterator<Body> all = bodies.values().iterator();
        while (all.hasNext()) {
            Body body = all.next();
            Http2Stream stream = codec.connection().stream(body.stream().id());
            if (stream == null || !stream.state().remoteSideOpen()) {
                all.remove();
                continue;
            }
            if (mayStillSend(codec.connection(), stream)) {
                body.pace().waited(passed);
            }
            if (body.pace().isTooSlow()) {
                all.remove();
                LOG.info(
                        "stream ended: its body hardly comes, peer={}",
                        ctx.channel().remoteAddress());
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.ENHANCE_YOUR_CALM).stream(body.stream()));
            }
        }
    }

    private static boolean mayStillSend(Http2Connection connection, Http2Stream stream) {
        var flow = connection.local().flowController();
        return flow.windowSize(stream) > 0 && flow.windowSize(connection.connectionStream()) > 0;
    }
}
