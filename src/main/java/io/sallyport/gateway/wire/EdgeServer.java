package io.sallyport.gateway.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler.PriorKnowledgeUpgradeEvent;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * The limits of the public listeners (DO-01, DO-02), and the places of the guards in their pipelines. The guards stand
 * right behind the codecs, so a refused request reaches no other handler.
 */
public final class EdgeServer {
    /** Bytes of a header block; the codec answers 431 to a longer one. */
    static final int LONGEST_HEADER_BLOCK = 32 * 1024;
    /** Bytes of a request target; the guards answer 414 to a longer one. */
    static final int LONGEST_TARGET = 16 * 1024;
    /** Header fields in a request; the guards answer 431 to more. */
    static final int MOST_FIELDS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(EdgeServer.class);
    private static final int LINE_BESIDES_TARGET = 128;
    private static final int STREAMS = 100;
    static final int STREAM_WINDOW = 64 * 1024;
    private static final int CONNECTION_WINDOW = 1024 * 1024;
    private static final int RESETS = 200;
    private static final int RESETS_SECONDS = 30;
    /**
     * The head and the body of an answer are flushed separately; all flushes of one turn of the event loop, up to this
     * number, become one write.
     */
    private static final int FLUSHES = 16;

    private final EdgeLimits limits;
    private final ConnectionLimits connections;
    private final Visitors visitors;

    /**
     * @param connections counts those of all listeners that share it
     * @param visitors gets them
     */
    public EdgeServer(EdgeLimits limits, ConnectionLimits connections, Visitors visitors) {
        this.limits = limits;
        this.connections = connections;
        this.visitors = visitors;
    }

    /** The limits, for a listener of any protocol. */
    public HttpServer strict(HttpServer server) {
        return server.idleTimeout(limits.idle())
                .httpRequestDecoder(spec -> spec.maxInitialLineLength(LONGEST_TARGET + LINE_BESIDES_TARGET)
                        .maxHeaderSize(LONGEST_HEADER_BLOCK)
                        .validateHeaders(true)
                        .allowDuplicateContentLengths(false)
                        .h2cMaxContentLength(0))
                .http2Settings(spec -> spec.maxConcurrentStreams(STREAMS)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize(LONGEST_HEADER_BLOCK)
                        .maxDecodedRstFramesPerWindow(RESETS, RESETS_SECONDS)
                        .maxEncodedRstFramesPerWindow(RESETS, RESETS_SECONDS))
                .doOnChannelInit((observer, channel, address) -> guard(channel));
    }

    private void guard(Channel channel) {
        if (!connections.admits(channel)) {
            channel.close();
            return;
        }
        visitors.add(channel);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addFirst("sallyport.one-write", new FlushConsolidationHandler(FLUSHES, true));
        pipeline.addFirst("sallyport.stalled", new StalledSocket(limits.idle()));
        WireGuard wire = new WireGuard(limits);
        if (pipeline.get(NettyPipeline.SslHandler) == null) {
            pipeline.addFirst("sallyport.wire-guard", wire);
        } else { // the handler that reads the server name is in the TLS handler's place until the handshake has begun
            pipeline.addAfter(NettyPipeline.SslHandler, "sallyport.wire-guard", wire);
        }
        ChannelHandlerContext codec = pipeline.context(HttpServerCodec.class);
        if (codec != null) {
            pipeline.addAfter(codec.name(), "sallyport.request-guard", new RequestGuard(wire, limits.head(), visitors));
        }
        // In front of the bridge to Reactor, which keeps events to itself as long as it stands there.
        pipeline.addBefore(NettyPipeline.ReactiveBridge, "sallyport.protocol-watch", new ProtocolWatch(wire));
    }

    /** Learns which protocol a connection speaks, and adds the guard for it. */
    private final class ProtocolWatch extends ChannelInboundHandlerAdapter {
        private final WireGuard wire;

        ProtocolWatch(WireGuard wire) {
            this.wire = wire;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof PriorKnowledgeUpgradeEvent || event instanceof SslHandshakeCompletionEvent) {
                settle(ctx);
            }
            ctx.fireUserEventTriggered(event);
        }

        /** Without the bridge nobody takes this, and Netty would warn of each visitor who resets. The connection closes anyway. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException) || ctx.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
                ctx.fireExceptionCaught(cause);
            }
        }

        private void settle(ChannelHandlerContext ctx) {
            ChannelPipeline pipeline = ctx.pipeline();
            ChannelHandlerContext http1 = pipeline.context(HttpServerCodec.class);
            ChannelHandlerContext http2 = pipeline.context(Http2FrameCodec.class);
            if (http2 != null) {
                Http2FrameCodec codec = pipeline.get(Http2FrameCodec.class);
                wire.framesFollow();
                wire.codec(codec.connection());
                pipeline.addAfter(http2.name(), "sallyport.stream-guard", new StreamGuard(limits, codec));
                widen(http2, codec);
            } else if (http1 != null && pipeline.get(RequestGuard.class) == null) {
                pipeline.addAfter(
                        http1.name(), "sallyport.request-guard", new RequestGuard(wire, limits.head(), visitors));
            }
        }

        /** One slow stream must not hold up the others, so the connection's window is larger than a stream's (DO-02). */
        private static void widen(ChannelHandlerContext ctx, Http2FrameCodec codec) {
            try {
                Http2Stream all = codec.connection().connectionStream();
                Http2LocalFlowController flow = codec.connection().local().flowController();
                flow.incrementWindowSize(all, CONNECTION_WINDOW - flow.initialWindowSize(all));
                ctx.flush();
            } catch (Http2Exception e) {
                LOG.warn("the HTTP/2 connection window stays at its default", e);
            }
        }
    }
}
