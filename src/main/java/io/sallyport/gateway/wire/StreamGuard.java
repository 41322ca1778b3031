package io.sallyport.gateway.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.Rays;
import io.sallyport.http.UnreadFrames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses HTTP/2 requests that an origin could read as several HTTP/1 requests or as a different one (RP-15, RP-16). It
 * stands between the frame codec and the streams, so no other handler ever sees a refused stream.
 */
final class StreamGuard extends ChannelInboundHandlerAdapter {
    /** How a refused stream ends: with a reset, or with a status and a short body. */
    private sealed interface Verdict {
        record Reset() implements Verdict {}

        record Status(String code) implements Verdict {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(StreamGuard.class);
    private static final List<String> CONNECTION_SPECIFIC =
            List.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings");

    /** Data frames of a stream that may wait: only those of less than 16 bytes can be more within the stream's window. */
    private static final int MOST_UNREAD = EdgeServer.STREAM_WINDOW / 16;

    private final Http2FrameCodec codec;
    private final Http2Connection.PropertyKey unread;
    private final SlowStreams bodies;
    private final StalledAnswers answers;
    private boolean isOver;

    /** @param codec the codec in front of this handler */
    StreamGuard(EdgeLimits limits, Http2FrameCodec codec) {
        this.codec = codec;
        this.unread = codec.connection().newKey();
        this.bodies = new SlowStreams(limits);
        this.answers = new StalledAnswers(limits.idle());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        answers.watch(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        bodies.end();
        answers.end();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        // Frames of unknown types are to be ignored (RFC 9113 §4.1). Their stream would keep them until somebody reads
        // it, and no window bounds what they carry (DO-02).
        if (isOver || message instanceof Http2UnknownFrame) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof Http2DataFrame data) {
            if (!isBearable(data)) {
                data.release();
                isOver = true;
                codec.onError(
                        ctx.pipeline().context(codec),
                        false,
                        Http2Exception.connectionError(
                                Http2Error.ENHANCE_YOUR_CALM, "too many small pieces that nobody has read yet"));
                return;
            }
            bodies.received(data.stream(), data.content().readableBytes(), data.isEndStream());
        }
        if (message instanceof Http2WindowUpdateFrame credit) {
            answers.credited(credit.stream().id());
        }
        if (!(message instanceof Http2HeadersFrame frame)) {
            ctx.fireChannelRead(message);
            return;
        }
        Http2FrameStream stream = frame.stream();
        if (frame.headers().method() == null
                && frame.isEndStream()
                && frame.headers().path() == null) {
            frame.headers().clear(); // trailers, of which none reach an origin (RP-06)
            ctx.fireChannelRead(message);
            return;
        }
        Optional<Verdict> verdict = judge(frame.headers());
        if (verdict.isEmpty()) {
            if (!frame.isEndStream()) {
                bodies.begins(ctx, stream, frame.headers().get("content-type"));
            }
            ctx.fireChannelRead(message);
            return;
        }
        boolean isHead = "HEAD".contentEquals(String.valueOf(frame.headers().method()));
        ReferenceCountUtil.release(message);
        refuse(ctx, stream, verdict.get(), isHead);
    }

    /** Whether few enough data frames of the stream wait to be read (DO-02). */
    private boolean isBearable(Http2DataFrame data) {
        Http2Connection connection = codec.connection();
        Http2Stream stream = connection.stream(data.stream().id());
        if (stream == null) {
            return true;
        }
        UnreadFrames frames = stream.getProperty(unread);
        if (frames == null) {
            frames = new UnreadFrames(MOST_UNREAD);
            stream.setProperty(unread, frames);
        }
        return frames.admits(
                data.initialFlowControlledBytes(),
                connection.local().flowController().unconsumedBytes(stream));
    }

    private static void refuse(ChannelHandlerContext ctx, Http2FrameStream stream, Verdict verdict, boolean isHead) {
        String ray = Rays.next();
        LOG.info(
                "ray={} stream refused: {} peer={}", ray, verdict, ctx.channel().remoteAddress());
        switch (verdict) {
            case Verdict.Reset() ->
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR).stream(stream));
            case Verdict.Status(String code) -> {
                byte[] words = WireRefusal.json(Integer.parseInt(code), ray);
                ctx.write(new DefaultHttp2HeadersFrame(
                                new DefaultHttp2Headers()
                                        .status(code)
                                        .set("content-type", "application/json")
                                        .set("content-length", String.valueOf(words.length))
                                        .set("cf-ray", ray),
                                isHead)
                        .stream(stream));
                if (!isHead) { // flushed now: the reset would discard what is still queued
                    ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(words), true).stream(stream));
                }
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR).stream(stream));
            }
        }
    }

    /**
     * A stream that the codec refuses is reset with the codec's error code, before a later handler could answer it.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case Http2FrameStreamException stream -> {
                LOG.info(
                        "ray={} stream refused: {} peer={}",
                        Rays.next(),
                        stream.error(),
                        ctx.channel().remoteAddress());
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(stream.error()).stream(stream.stream()));
            }
            case Http2Exception connection ->
                LOG.info(
                        "connection refused: {} peer={}",
                        connection.error(),
                        ctx.channel().remoteAddress());
            default -> ctx.fireExceptionCaught(cause);
        }
    }

    private static Optional<Verdict> judge(Http2Headers headers) {
        CharSequence method = headers.method();
        CharSequence path = headers.path();
        if (method == null || !FieldSyntax.isToken(method)) {
            return Optional.of(new Verdict.Reset());
        }
        String name = method.toString();
        if (name.equals("CONNECT") || name.equals("TRACE")) {
            return Optional.of(new Verdict.Status("405"));
        }
        if (path == null || !isWeb(headers.scheme()) || !Targets.isClean(path.toString())) {
            return Optional.of(new Verdict.Reset());
        }
        if (path.length() > EdgeServer.LONGEST_TARGET) {
            return Optional.of(new Verdict.Status("414"));
        }
        if (headers.size() > EdgeServer.MOST_FIELDS) {
            return Optional.of(new Verdict.Status("431"));
        }
        if (!hasOneAuthority(headers) || !hasLegalFields(headers)) {
            return Optional.of(new Verdict.Reset());
        }
        List<CharSequence> expectations = headers.getAll("expect");
        if (expectations.size() > 1
                || (expectations.size() == 1
                        && !expectations.getFirst().toString().equalsIgnoreCase("100-continue"))) {
            return Optional.of(new Verdict.Status("417"));
        }
        headers.path(Targets.escaped(path.toString()));
        return Optional.empty();
    }

    private static boolean isWeb(@Nullable CharSequence scheme) {
        return scheme != null
                && (scheme.toString().equals("http") || scheme.toString().equals("https"));
    }

    /** {@code :authority} and {@code host} may both be present if they agree; then one of them is removed (PN-08). */
    private static boolean hasOneAuthority(Http2Headers headers) {
        CharSequence authority = headers.authority();
        List<CharSequence> hosts = headers.getAll("host");
        if (authority == null) {
            return hosts.size() == 1;
        }
        if (hosts.size() > 1
                || (hosts.size() == 1 && !hosts.getFirst().toString().equalsIgnoreCase(authority.toString()))) {
            return false;
        }
        headers.remove("host");
        return true;
    }

    private static boolean hasLegalFields(Http2Headers headers) {
        for (String forbidden : CONNECTION_SPECIFIC) {
            if (headers.contains(forbidden)) {
                return false;
            }
        }
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            CharSequence name = field.getKey();
            boolean pseudo = name.length() > 1 && name.charAt(0) == ':';
            if ((!pseudo && !FieldSyntax.isToken(name))
                    || hasUpperCase(name)
                    || !FieldSyntax.isValue(field.getValue())) {
                return false;
            }
        }
        CharSequence te = headers.get("te");
        List<CharSequence> lengths = headers.getAll("content-length");
        return (te == null || te.toString().equalsIgnoreCase("trailers")) && lengths.size() <= 1;
    }

    private static boolean hasUpperCase(CharSequence name) {
        return name.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
    }
}
