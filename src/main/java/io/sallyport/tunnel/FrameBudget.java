package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.FrameQuota;
import io.sallyport.http.UnreadFrames;
import java.time.Duration;

/**
 * Limits the rate of frames from a connector or another replica that carry no data of requests (TU-07): settings, pings, priorities,
 * unknown frames, and very small window updates; and the number of data frames of a stream that nobody has read (TU-06). Resets,
 * empty data frames and continuations are counted by the codec itself, and frames for closed streams by {@link LateFrames}.
 */
final class FrameBudget extends Http2FrameListenerDecorator {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Peers send some settings at the beginning, and a ping every few seconds with its acknowledgement. */
    private static final int FRAMES_A_SECOND = 200;
    /** Window updates of fewer bytes than this are counted; peers give credit in kilobytes (Go: at least four). */
    private static final int LEAST_CREDIT = 1_024;

    private static final int LITTLE_CREDITS_A_SECOND = 2_000;

    /** Data frames of a stream that may wait: only those of less than 64 bytes can be more within the stream's window. */
    static final int MOST_UNREAD = TunnelHttp2.STREAM_WINDOW / 64;

    private final FrameQuota frames = new FrameQuota(FRAMES_A_SECOND, SECOND);
    private final FrameQuota littleCredits = new FrameQuota(LITTLE_CREDITS_A_SECOND, SECOND);

    private final Http2Connection connection;
    private final Http2Connection.PropertyKey unread;

    private FrameBudget(Http2FrameListener listener, Http2Connection connection) {
        super(listener);
        this.connection = connection;
        this.unread = connection.newKey();
    }

    /** Limits what this codec reads. */
    static void limit(Http2FrameCodec codec) {
        codec.decoder().frameListener(new FrameBudget(codec.decoder().frameListener(), codec.connection()));
    }

    private void spend() throws Http2Exception {
        if (!frames.admitsOneMore()) {
            throw tooMany();
        }
    }

    private static Http2Exception tooMany() {
        return Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many frames without request data");
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        Http2Stream of = connection.stream(stream);
        if (of != null
                && !unread(of)
                        .admits(
                                data.readableBytes() + padding,
                                connection.local().flowController().unconsumedBytes(of))) {
            throw Http2Exception.streamError(
                    stream, Http2Error.ENHANCE_YOUR_CALM, "too many small pieces that nobody has read yet");
        }
        return super.onDataRead(ctx, stream, data, padding, endOfStream);
    }

    private UnreadFrames unread(Http2Stream stream) {
        UnreadFrames known = stream.getProperty(unread);
        if (known == null) {
            known = new UnreadFrames(MOST_UNREAD);
            stream.setProperty(unread, known);
        }
        return known;
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int stream, int increment) throws Http2Exception {
        if (increment < LEAST_CREDIT && !littleCredits.admitsOneMore()) {
            throw tooMany();
        }
        super.onWindowUpdateRead(ctx, stream, increment);
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        spend();
        super.onPingRead(ctx, data);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        spend();
        super.onPingAckRead(ctx, data);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        spend();
        super.onSettingsRead(ctx, settings);
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
        spend();
        super.onSettingsAckRead(ctx);
    }

    @Override
    public void onPriorityRead(ChannelHandlerContext ctx, int stream, int dependency, short weight, boolean exclusive)
            throws Http2Exception {
        spend();
        super.onPriorityRead(ctx, stream, dependency, weight, exclusive);
    }

    /**
     * Never taken. Our setting that forbids it binds the codec only once the other end has acknowledged our settings, and until then
     * it would keep promises as it would keep unknown frames.
     */
    @Override
    public void onPushPromiseRead(
            ChannelHandlerContext ctx, int stream, int promised, Http2Headers headers, int padding)
            throws Http2Exception {
        throw Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "a push, which our settings forbid");
    }

    /**
     * Ends here, as RFC 9113 §4.1 wants it. The codec would keep the frame with its stream until somebody reads that, and no window
     * bounds what it carries.
     */
    @Override
    public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int stream, Http2Flags flags, ByteBuf payload)
            throws Http2Exception {
        spend();
    }
}
