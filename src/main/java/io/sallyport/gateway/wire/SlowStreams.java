package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resets the HTTP/2 streams of one connection whose request bodies arrive too slowly (DO-01). Time during which a
 * stream has no flow-control window does not count: the client then waits for us. gRPC streams are exempt, because they
 * may be silent for any length of time; a request that is not admitted is answered before its body is read.
 */
final class SlowStreams {
    private static final Logger LOG = LoggerFactory.getLogger(SlowStreams.class);

    private final EdgeLimits limits;
    private final Map<Integer, Body> bodies = new HashMap<>();
    private final PeriodicCheck check;
    private long since;

    private record Body(Http2FrameStream stream, BodyPace pace) {}

    SlowStreams(EdgeLimits limits) {
        this.limits = limits;
        this.check = new PeriodicCheck(limits.bodyWindow());
    }

    /** The head of a request arrived and its body follows. */
    void begins(ChannelHandlerContext ctx, Http2FrameStream stream, @Nullable CharSequence contentType) {
        boolean grpc = contentType != null && contentType.toString().startsWith("application/grpc");
        if (grpc || limits.bodyPerSecond().toBytes() == 0) {
            return;
        }
        bodies.put(
                stream.id(),
                new Body(stream, new BodyPace(limits.bodyPerSecond().toBytes(), limits.bodyWindow())));
        if (!check.isRunning()) {
            since = System.nanoTime();
            check.start(ctx.executor(), () -> look(ctx));
        }
    }

    /** A piece of a request body arrived. */
    void received(Http2FrameStream stream, int bytes, boolean last) {
        Body body = last ? bodies.remove(stream.id()) : bodies.get(stream.id());
        if (body != null) {
            body.pace().received(bytes);
        }
    }

    /** The connection has closed. */
    void end() {
        check.stop();
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
                        "stream reset: its request body arrives too slowly, peer={}",
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
