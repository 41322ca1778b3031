package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an accepted TCP connection becomes: TLS as the server, then HTTP/2 as the client, at once and without ALPN.
 */
final class Http2Edge extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Edge.class);
    private static final long HANDSHAKE_SECONDS = 5;
    /**
     * Seconds from accept to the start of the control stream, which has five seconds of its own. Before that there are
     * no pings, so no other timeout ends the connection.
     */
    private static final long SETTLING_SECONDS = 10;

    /** All flushes of one turn of the event loop, up to this number, become one write. */
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
        if (!newcomers.mayBegin(channel.remoteAddress()) || !newcomers.admit(channel, channel.remoteAddress())) {
            channel.close();
            return;
        }
        SslHandler handler = tls.get().newHandler(channel.alloc());
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline().addLast(handler, new Arrival());
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

    private final class Arrival extends TunnelHttp2.AfterHandshake {
        @Override
        Http2FrameCodec speak(ChannelPipeline pipeline) {
            Http2FrameCodec codec = TunnelHttp2.client()
                    .decoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS)
                    .build();
            FrameBudget.limit(codec);
            pipeline.addLast(
                    new FlushConsolidationHandler(FLUSHES, true),
                    new LateFrames(codec),
                    codec,
                    new Http2MultiplexHandler(new TunnelHttp2.Refused()),
                    new Http2Transport(pipeline.channel(), registrar, newcomers));
            return codec;
        }

        @Override
        void refused(Channel channel, Throwable cause) {
            LOG.debug("{} failed its handshake: {}", channel.remoteAddress(), cause.toString());
        }
    }
}
