package io.sallyport.connector;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Connections over TCP: TLS as the client, then HTTP/2 as the server. The codec is added after the handshake,
 * because it sends as soon as it is added.
 */
final class Http2Transport implements EdgeConnection.Transport {
    /** The name that the edge's certificate must have. */
    static final String SERVER_NAME = "h2.cftunnel.com";

    private static final int CONNECT_MILLIS = 15_000;
    private static final int STREAM_WINDOW = 256 << 10;
    /** Large enough for 256 uploads to origins that do not read. With one more, no other request body would arrive. */
    private static final int CONNECTION_WINDOW = 64 << 20;

    private static final int LARGEST_FRAME = 64 << 10;
    private static final int LARGEST_HEAD = 1_048_896;
    private static final int MOST_STREAMS = 16_384;
    private static final int QUIET_SECONDS = 5;
    /** All flushes of one turn of the event loop, up to this number, become one write. */
    private static final int FLUSHES = 64;

    private final EdgeTls tls;
    private final OurEnd ours;

    Http2Transport(EdgeTls tls, OurEnd ours) {
        this.tls = tls;
        this.ours = ours;
    }

    @Override
    public CompletableFuture<EdgeConnection> open(EventLoop loop, InetSocketAddress edge) {
        CompletableFuture<EdgeConnection> opened = new CompletableFuture<>();
        new Bootstrap()
                .group(loop)
                .channelFactory(Sockets.of(loop)::tcp)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslHandler handler = tls.tcp().newHandler(channel.alloc(), SERVER_NAME, edge.getPort());
                        handler.setHandshakeTimeoutMillis(CONNECT_MILLIS);
                        channel.pipeline().addLast(handler, new HandshakeErrors());
                        handler.handshakeFuture().addListener(shaken -> {
                            if (shaken.isSuccess()) {
                                speakHttp2(channel, edge, opened);
                            } else {
                                opened.completeExceptionally(shaken.cause());
                            }
                        });
                    }
                })
                .connect(edge, ours.source())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        opened.completeExceptionally(connected.cause());
                    }
                });
        return opened;
    }

    private void speakHttp2(Channel channel, InetSocketAddress edge, CompletableFuture<EdgeConnection> opened) {
        ControlConversation control = ours.converse();
        Http2FrameCodec codec = codec();
        channel.pipeline().remove(HandshakeErrors.class);
        channel.pipeline()
                .addLast(
                        new FlushConsolidationHandler(FLUSHES, true),
                        codec,
                        new IdleStateHandler(QUIET_SECONDS, 0, 0, TimeUnit.SECONDS),
                        new Liveness(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.config().setAutoRead(false);
                                stream.pipeline().addLast(new FirstFrame(control, edge, opened));
                            }
                        }));
        widen(channel, codec);
        channel.flush();
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (opened.completeExceptionally(
                                    new TimeoutException("the edge opened no control stream"))) {
                                channel.close();
                            }
                        },
                        CONNECT_MILLIS,
                        TimeUnit.MILLISECONDS);
        channel.closeFuture()
                .addListener(closed ->
                        opened.completeExceptionally(new IllegalStateException("the edge closed the connection")));
    }

    private static Http2FrameCodec codec() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(new Http2Settings()
                        .maxConcurrentStreams(MOST_STREAMS)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxFrameSize(LARGEST_FRAME)
                        .maxHeaderListSize(LARGEST_HEAD))
                .encoderIgnoreMaxHeaderListSize(true)
                // The edge cancels as often as its visitors do. It has proven
                // who it is: nothing to defend against here.
                .decoderEnforceMaxRstFramesPerWindow(0, 0)
                .encoderEnforceMaxRstFramesPerWindow(0, 0)
                .build();
    }

    private static void widen(Channel channel, Http2FrameCodec codec) {
        try {
            Http2LocalFlowController flow = codec.connection().local().flowController();
            flow.incrementWindowSize(
                    codec.connection().connectionStream(),
                    CONNECTION_WINDOW - flow.windowSize(codec.connection().connectionStream()));
        } catch (Http2Exception e) {
            channel.close();
        }
    }

    /** Looks at the head of a stream and installs the handlers for its kind. */
    private final class FirstFrame extends ChannelInboundHandlerAdapter {
        private final ControlConversation control;
        private final InetSocketAddress edge;
        private final CompletableFuture<EdgeConnection> opened;

        FirstFrame(ControlConversation control, InetSocketAddress edge, CompletableFuture<EdgeConnection> opened) {
            this.control = control;
            this.edge = edge;
            this.opened = opened;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof Http2HeadersFrame head)) {
                ReferenceCountUtil.release(message);
                return;
            }
            var pipeline = ctx.pipeline();
            switch (Http2StreamCodec.kind(head.headers())) {
                case CONTROL -> {
                    if (opened.isDone()) {
                        ctx.close();
                        return;
                    }
                    pipeline.addLast(new DataBytes(), control);
                    ctx.channel().config().setAutoRead(true);
                    ctx.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
                    opened.complete(
                            new EdgeConnection(Protocol.HTTP2, ctx.channel().parent(), control, edge));
                }
                case CONFIGURATION -> {
                    pipeline.addLast(new PushedConfiguration());
                    ctx.channel().config().setAutoRead(true);
                }
                case WEBSOCKET, TCP, HTTP -> {
                    pipeline.addLast(new Http2StreamCodec(), new Exchange(ours.proxy()));
                    ctx.fireChannelRead(message);
                }
            }
            pipeline.remove(this);
        }
    }

    /** Converts the frames of the control stream to bytes. */
    private static final class DataBytes extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2DataFrame data) {
                ctx.fireChannelRead(data.content());
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ctx.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ControlConversation.Farewell.INSTANCE) {
                ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }
    }

    /** Receives rules from the edge, as a request with a body. */
    private final class PushedConfiguration extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2DataFrame data) {
                body.writeBytes(ByteBufUtil.getBytes(data.content()));
                if (body.size() > LARGEST_HEAD) {
                    ctx.close();
                } else if (data.isEndStream()) {
                    answer(ctx);
                }
            }
            ReferenceCountUtil.release(message);
        }

        private void answer(ChannelHandlerContext ctx) {
            try {
                String answer = ours.inbox().takeJson(body.toByteArray());
                ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
                ctx.writeAndFlush(new DefaultHttp2DataFrame(ByteBufUtil.writeUtf8(ctx.alloc(), answer), true));
            } catch (InvalidConfiguration e) {
                ctx.writeAndFlush(new DefaultHttp2HeadersFrame(
                        new DefaultHttp2Headers()
                                .status("502")
                                .set(TunnelHeaders.RESPONSE_META, ResponseMeta.CONNECTOR.json()),
                        true));
            }
        }
    }

    /** Pings an edge that has been silent for a while, and closes the connection if there is no answer: TCP may not notice. */
    private static final class Liveness extends ChannelInboundHandlerAdapter {
        private boolean isAsked;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof IdleStateEvent)) {
                ctx.fireUserEventTriggered(event);
            } else if (isAsked) {
                ctx.close();
            } else {
                isAsked = true;
                ctx.writeAndFlush(new DefaultHttp2PingFrame(1));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            isAsked = false;
            ctx.fireChannelRead(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
