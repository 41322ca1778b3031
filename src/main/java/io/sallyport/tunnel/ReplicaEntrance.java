package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up connections to the replica port: TLS that accepts replicas of this deployment only, then HTTP/2. No frame is
 * read before the handshake is complete.
 */
final class ReplicaEntrance extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaEntrance.class);
    /**
     * Resets are not limited here: visitors cause them, not the replica that forwards their requests, and a link that is
     * closed ends the requests of all others.
     */
    private static final int NO_LIMIT = 0;

    private final ReplicaTls tls;
    private final TunnelDirectory directory;
    private final ChannelGroup links;
    private final LongAdder received;
    private final Newcomers newcomers;

    /**
     * @param links gets every accepted connection
     * @param received counts requests
     * @param newcomers limits connections, most of all those that are not of a replica or have not said so yet
     */
    ReplicaEntrance(
            ReplicaTls tls, TunnelDirectory directory, ChannelGroup links, LongAdder received, Newcomers newcomers) {
        this.tls = tls;
        this.directory = directory;
        this.links = links;
        this.received = received;
        this.newcomers = newcomers;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!newcomers.mayBegin(channel.remoteAddress()) || !newcomers.admit(channel, channel.remoteAddress())) {
            channel.close();
            return;
        }
        channel.pipeline().addLast(tls.accepting(channel.alloc()), new Arrival());
    }

    private final class Arrival extends TunnelHttp2.AfterHandshake {
        @Override
        Http2FrameCodec speak(ChannelPipeline pipeline) {
            Http2FrameCodec codec = TunnelHttp2.server()
                    .decoderEnforceMaxRstFramesPerWindow(NO_LIMIT, NO_LIMIT)
                    .encoderEnforceMaxRstFramesPerWindow(NO_LIMIT, NO_LIMIT)
                    .build();
            FrameBudget.limit(codec);
            pipeline.addLast(
                    new LateFrames(codec),
                    codec,
                    new Http2MultiplexHandler(new Request()),
                    new Pings(nanos -> {}, pipeline.channel()::close),
                    new End());
            links.add(pipeline.channel());
            newcomers.settled(pipeline.channel());
            return codec;
        }

        @Override
        void refused(Channel channel, Throwable cause) {
            LOG.warn(
                    "{} is not a replica of this deployment and was refused: {}",
                    channel.remoteAddress(),
                    cause.toString());
        }
    }

    /** One stream. */
    private final class Request extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            received.increment();
            stream.config().setOption(ChannelOption.AUTO_READ, false);
            stream.pipeline().addLast(new ForwardedCodec(), new ForwardedRequest(directory));
        }
    }

    /** Handles the frames of the connection itself. */
    private static final class End extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.info("the link from {} ends: {}", ctx.channel().remoteAddress(), cause.toString());
            ctx.close();
        }
    }
}
