package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an accepted TCP connection becomes: TLS as the server, then HTTP/2 as the client, at once and without ALPN
 * (tunnel-transport.md §2, §3.1).
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write ends its channel, and the channel's end is what is looked at
final class Http2Edge extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Edge.class);
    private static final long HANDSHAKE_SECONDS = 5;
    /** From accepting to the control stream, which has five seconds of its own; until then nobody pings and nothing else ends it. */
    private static final long SETTLING_SECONDS = 10;

    static final int STREAM_WINDOW = 512 * 1024;
    static final int FRAME = 32 * 1024;
    /** All fields of a response travel base64-coded in one (§3.1). */
    static final int HEADER_LIST = 2 << 20;

    /** What many streams say in one turn of the event loop leaves in one write, but no more than so many flushes. */
    static final int FLUSHES = 64;

    private static final int RESETS = 2_000;
    private static final int RESETS_SECONDS = 10;

    private final Supplier<SslContext> tls;
    private final Registrar registrar;
    private final Newcomers newcomers;

    /** @param tls asked for each connection, because certificates are renewed */
    Http2Edge(Supplier<SslContext> tls, Registrar registrar, Newcomers newcomers) {
        this.tls = tls;
        this.registrar = registrar;
        this.newcomers = newcomers;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!newcomers.admit(channel, channel.remoteAddress())) {
            channel.close();
            return;
        }
        SslHandler handler = tls.get().newHandler(channel.alloc());
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline().addLast(handler, new AfterHandshake());
        channel.eventLoop()
                .schedule(
                        () -> {
                            Http2Transport transport = channel.pipeline().get(Http2Transport.class);
                            if (transport == null || !transport.isStarted()) {
                                channel.close();
                            }
                        },
                        SETTLING_SECONDS,
                        TimeUnit.SECONDS);
    }

    /** The codec comes after the handshake: it writes as soon as it is there. */
    private final class AfterHandshake extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (handshake.isSuccess()) {
                    speakHttp2(ctx);
                } else {
                    LOG.debug(
                            "{} failed its handshake: {}",
                            ctx.channel().remoteAddress(),
                            handshake.cause().toString());
                    ctx.close();
                }
            }
            ctx.fireUserEventTriggered(event);
        }

        private void speakHttp2(ChannelHandlerContext ctx) {
            Http2FrameCodec codec = codec();
            codec.decoder().frameListener(new FrameBudget(codec.decoder().frameListener()));
            ctx.pipeline()
                    .addLast(
                            new FlushConsolidationHandler(FLUSHES, true),
                            codec,
                            new Http2MultiplexHandler(new Refused()),
                            new Http2Transport(ctx.channel(), registrar));
            widen(codec);
            ctx.flush();
            ctx.pipeline().remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static Http2FrameCodec codec() {
        return Http2FrameCodecBuilder.forClient()
                .initialSettings(new Http2Settings()
                        .pushEnabled(false)
                        .maxConcurrentStreams(0)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxFrameSize(FRAME)
                        .maxHeaderListSize(HEADER_LIST))
                .validateHeaders(true)
                .encoderIgnoreMaxHeaderListSize(true)
                .decoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS)
                .decoupleCloseAndGoAway(true)
                .build();
    }

    /** Enough for every stream's window at once, so that stalled readers use up nobody else's credit (TU-06). */
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

    /** A connector opens no streams (TU-04); HTTP/2 itself refuses the attempt, this stands behind it. */
    static final class Refused extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.parent().close();
        }
    }
}
