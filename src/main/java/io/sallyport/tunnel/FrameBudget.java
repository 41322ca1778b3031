package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Settings;
import io.sallyport.http.FrameQuota;
import java.time.Duration;

/**
 * Limits the rate of frames from a connector or another replica that carry no data of requests (TU-07): settings, pings, priorities,
 * unknown frames, and very small window updates. Resets, empty data frames and continuations are counted by the codec
 * itself, and frames for closed streams by {@link LateFrames}.
 */
final class FrameBudget extends Http2FrameListenerDecorator {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Peers send some settings at the beginning, and a ping every few seconds with its acknowledgement. */
    private static final int FRAMES_A_SECOND = 200;
    /** Window updates of fewer bytes than this are counted; peers give credit in kilobytes (Go: at least four). */
    private static final int LEAST_CREDIT = 1_024;

    private static final int LITTLE_CREDITS_A_SECOND = 2_000;

    private final FrameQuota frames = new FrameQuota(FRAMES_A_SECOND, SECOND);
    private final FrameQuota littleCredits = new FrameQuota(LITTLE_CREDITS_A_SECOND, SECOND);

    private FrameBudget(Http2FrameListener listener) {
        super(listener);
    }

    /** Limits what this codec reads. */
    static void limit(Http2FrameCodec codec) {
        codec.decoder().frameListener(new FrameBudget(codec.decoder().frameListener()));
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

    @Override
    public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int stream, Http2Flags flags, ByteBuf payload)
            throws Http2Exception {
        spend();
        super.onUnknownFrame(ctx, type, stream, flags, payload);
    }
}
