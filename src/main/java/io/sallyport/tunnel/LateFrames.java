package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.FrameHeadReader;
import io.sallyport.http.FrameQuota;
import java.time.Duration;

/**
 * Limits frames for closed streams, except for data that is long enough to cost its sender more than us. The codec ignores
 * resets and window updates for them and answers each other frame with a reset, so no handler behind it could count such a flood
 * (TU-07). Stands before the codec and reads only the heads of frames (RFC 9113 §4.1).
 */
final class LateFrames extends ChannelInboundHandlerAdapter {
    /**
     * Frames per window. When all streams of a connection are cancelled at once, HEADERS, a reset and some window
     * updates may be in flight for each. The window is not shorter, because the codec may answer HEADERS more slowly
     * than a peer can send them.
     */
    private static final int MOST = 4 * TunnelConnection.MOST_STREAMS;

    /** Frames with a little data: WebSockets whose visitors all leave at once may have many in flight. */
    private static final int MOST_DATA = 10 * MOST;

    private static final Duration WINDOW = Duration.ofSeconds(10);

    /** Bytes of data in a frame that is not counted. */
    private static final int ENOUGH_DATA = 1_024;

    private final Http2FrameCodec codec;
    private final FrameHeadReader head = new FrameHeadReader();
    private final FrameQuota late = new FrameQuota(MOST, WINDOW);
    private final FrameQuota lateData = new FrameQuota(MOST_DATA, WINDOW);
    /** Bytes of the connection preface that are still to come (RFC 9113 §3.4). */
    private int prefaceLeft;

    private boolean isOver;

    /** @param codec the codec behind this handler, which knows the streams */
    LateFrames(Http2FrameCodec codec) {
        this.codec = codec;
        this.prefaceLeft = codec.connection().isServer()
                ? Http2CodecUtil.connectionPrefaceBuf().readableBytes()
                : 0;
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
                    Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many frames for closed streams"));
            return;
        }
        ctx.fireChannelRead(message);
    }

    private boolean isBearable(ByteBuf bytes) {
        int end = bytes.writerIndex();
        int noFrame = Math.min(prefaceLeft, bytes.readableBytes());
        prefaceLeft -= noFrame;
        int at = bytes.readerIndex() + noFrame;
        while (at < end) {
            at += head.skip(end - at);
            if (at < end && head.isWholeWith(bytes.getByte(at++)) && isLate() && !quota().admitsOneMore()) {
                return false;
            }
        }
        return true;
    }

    private FrameQuota quota() {
        return head.type() == Http2FrameTypes.DATA && head.isInPayload() ? lateData : late;
    }

    private boolean isLate() {
        boolean isCheap = switch (head.type()) {
            case Http2FrameTypes.DATA -> head.payloadLeft() < ENOUGH_DATA;
            case Http2FrameTypes.HEADERS, Http2FrameTypes.RST_STREAM, Http2FrameTypes.WINDOW_UPDATE -> true;
            default -> false;
        };
        int stream = head.stream();
        Http2Connection connection = codec.connection();
        return isCheap && stream != 0 && connection.stream(stream) == null && connection.streamMayHaveExisted(stream);
    }
}
