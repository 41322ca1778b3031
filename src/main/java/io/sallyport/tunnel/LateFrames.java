package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.FrameHeadReader;
import io.sallyport.http.FrameQuota;
import java.time.Duration;

/**
 * Counts frames for streams that are over. The codec passes resets, credit and empty data for them by in silence and answers heads with
 * a reset each, so that whoever sends them on and on is counted by nobody behind it (TU-07). Stands before the codec and reads only
 * the heads of frames (RFC 9113 §4.1).
 */
final class LateFrames extends ChannelInboundHandlerAdapter {
    /**
     * When all streams of a connection are given up at once, a head, a reset and some credit may be on their way for each. In so many
     * seconds and no fewer, because the codec may be slower at answering heads than anybody is at sending them.
     */
    private static final int MOST = 4 * TunnelConnection.MOST_STREAMS;

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final Http2FrameCodec codec;
    private final FrameHeadReader head = new FrameHeadReader();
    private final FrameQuota late = new FrameQuota(MOST, WINDOW);
    private boolean isOver;

    /** @param codec stands behind this and knows the streams */
    LateFrames(Http2FrameCodec codec) {
        this.codec = codec;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (isOver) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof ByteBuf bytes && !isBearable(bytes)) {
            isOver = true;
            ReferenceCountUtil.release(message);
            codec.onError(
                    ctx.pipeline().context(codec),
                    false,
                    Http2Exception.connectionError(
                            Http2Error.ENHANCE_YOUR_CALM, "too many frames for streams that are over"));
            return;
        }
        ctx.fireChannelRead(message);
    }

    private boolean isBearable(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            at += head.skip(end - at);
            if (at < end && head.isWholeWith(bytes.getByte(at++)) && isLate() && !late.admitsOneMore()) {
                return false;
            }
        }
        return true;
    }

    private boolean isLate() {
        boolean isCheap = switch (head.type()) {
            case Http2FrameTypes.DATA -> !head.isInPayload();
            case Http2FrameTypes.HEADERS, Http2FrameTypes.RST_STREAM, Http2FrameTypes.WINDOW_UPDATE -> true;
            default -> false;
        };
        int stream = head.stream();
        return isCheap && stream != 0 && codec.connection().stream(stream) == null;
    }
}
