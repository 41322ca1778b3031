package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * The HTTP/2 settings of the edge, towards connectors and towards other replicas: the same sizes of windows, frames and
 * header lists, so that what fits through one connection fits through the next.
 */
final class TunnelHttp2 {
    static final int STREAM_WINDOW = 512 * 1024;
    private static final int FRAME = 32 * 1024;
    /** All fields of a response are encoded as base64 in a single one. */
    private static final int HEADER_LIST = 2 << 20;

    private TunnelHttp2() {}

    /** A codec for the end that opens the streams. */
    static Http2FrameCodecBuilder client() {
        return alike(
                Http2FrameCodecBuilder.forClient(),
                new Http2Settings().pushEnabled(false).maxConcurrentStreams(0));
    }

    /** A codec for the end that accepts streams. */
    static Http2FrameCodecBuilder server() {
        return alike(
                Http2FrameCodecBuilder.forServer(),
                new Http2Settings().maxConcurrentStreams(TunnelConnection.MOST_STREAMS));
    }

    private static Http2FrameCodecBuilder alike(Http2FrameCodecBuilder codec, Http2Settings settings) {
        return codec.initialSettings(settings.initialWindowSize(STREAM_WINDOW)
                        .maxFrameSize(FRAME)
                        .maxHeaderListSize(HEADER_LIST))
                .validateHeaders(true)
                .encoderIgnoreMaxHeaderListSize(true)
                .decoupleCloseAndGoAway(true);
    }

    /**
     * Widens the connection's window to the sum of all streams' windows, so that stalled readers do not use up other
     * streams' credit (TU-06).
     */
    static void widen(Http2FrameCodec codec) {
        Http2LocalFlowController flow = codec.connection().local().flowController();
        try {
            flow.incrementWindowSize(
                    codec.connection().connectionStream(),
                    TunnelConnection.MOST_STREAMS * STREAM_WINDOW
                            - flow.initialWindowSize(codec.connection().connectionStream()));
        } catch (Http2Exception e) {
            throw new IllegalStateException("the window of a fresh connection cannot be opened", e);
        }
    }

    /**
     * Refuses streams of the other end of a {@link #client}, which must not open any (TU-04). HTTP/2 refuses them already; this is a
     * second line of defence.
     */
    static final class Refused extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.parent().close();
        }
    }

    /**
     * Stands behind TLS until the handshake is complete. The HTTP/2 codec is added only then, because it writes as soon
     * as it is added.
     */
    abstract static class AfterHandshake extends ChannelInboundHandlerAdapter {
        /** Adds the handlers of an accepted connection and returns its codec. */
        abstract Http2FrameCodec speak(ChannelPipeline pipeline);

        /** The connection is closed after this. */
        abstract void refused(Channel channel, Throwable cause);

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (handshake.isSuccess()) {
                    widen(speak(ctx.pipeline()));
                    ctx.flush();
                    ctx.pipeline().remove(this);
                } else {
                    refused(ctx.channel(), handshake.cause());
                    ctx.close();
                }
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
