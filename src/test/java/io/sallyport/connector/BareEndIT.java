package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectionType;
import io.sallyport.tunnel.wire.Departures;
import io.sallyport.tunnel.wire.Metadata;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.WideWindows;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The end of an answer that comes alone, over QUIC. The library takes a stream for complete when all its data is acknowledged, and
 * then forgets an end that has not left yet (quiche issue 2525): the visitor would wait for ever.
 */
class BareEndIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final CompletableFuture<QuicChannel> accepted = new CompletableFuture<>();
    private final Asked asked = new Asked();
    private final Heard heard = new Heard();

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void theEndLeavesBeforeItIsHeardThatAllDataArrived() throws Exception {
        assertThatTheEndArrives(ConnectionType.HTTP, BareEndIT::endAnswer);
    }

    /** Another stream has written something just before, and the packets of that turn are to leave together. */
    @Test
    void theEndLeavesInTheMiddleOfARound() throws Exception {
        assertThatTheEndArrives(ConnectionType.HTTP, inARound(BareEndIT::endAnswer));
    }

    /** As a relay ends a WebSocket, or TCP in one: the bytes' end is that of the stream. */
    @Test
    void theEndOfAWebSocketLeavesInTheMiddleOfARound() throws Exception {
        assertThatTheEndArrives(ConnectionType.WEBSOCKET, inARound(answering -> {
            answering.pipeline().addLast(new ContentBytes());
            answering.close();
        }));
    }

    private static void endAnswer(Channel answering) {
        answering.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private static Consumer<Channel> inARound(Consumer<Channel> ending) {
        return answering -> {
            Departures.together(answering);
            ending.accept(answering);
        };
    }

    private void assertThatTheEndArrives(ConnectionType kind, Consumer<Channel> ending) throws Exception {
        Channel connector = dial(listen());
        ask(kind);
        assertThat(asked.stream).succeedsWithin(SOON);
        Held held = new Held(connector);
        Channel answering = asked.stream.join();
        answering.write(EdgeResponse.bare(200, ResponseMeta.ORIGIN));
        answering.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer("piece", StandardCharsets.US_ASCII)));
        await().until(() -> heard.something.isDone() && !held.packets.isEmpty());

        held.letGoAfter(() -> ending.accept(answering));

        assertThat(heard.end).succeedsWithin(SOON);
    }

    /** The edge's socket. */
    private InetSocketAddress listen() {
        TestAuthority.Issued issued = new TestAuthority("edge").issue(QuicTransport.SERVER_NAME);
        return (InetSocketAddress) new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(new QuicServerCodecBuilder()
                        .sslContext(
                                QuicSslContextBuilder.forServer(issued.keys().getPrivate(), null, issued.certificate())
                                        .applicationProtocols(QuicTransport.ALPN)
                                        .build())
                        .initialMaxData(1 << 20)
                        .initialMaxStreamDataBidirectionalLocal(1 << 20)
                        .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                        .handler(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelActive(ChannelHandlerContext ctx) {
                                accepted.complete((QuicChannel) ctx.channel());
                            }
                        })
                        .streamHandler(new ChannelInboundHandlerAdapter())
                        .build())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel()
                .localAddress();
    }

    /** The connector's socket, with its handlers for streams. */
    private Channel dial(InetSocketAddress edge) {
        Channel datagrams = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Departures(), codec());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        QuicChannel.newBootstrap(datagrams)
                .handler(new Departures.AllStreams())
                .streamOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        QuicStreamEnds.watch(stream);
                        stream.pipeline().addLast(new QuicStreamCodec(new WideWindows(0)), asked);
                    }
                })
                .remoteAddress(edge)
                .connect()
                .syncUninterruptibly();
        return datagrams;
    }

    private static ChannelHandler codec() {
        return new QuicClientCodecBuilder()
                .sslContext(QuicSslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .applicationProtocols(QuicTransport.ALPN)
                        .build())
                .initialMaxData(1 << 20)
                .initialMaxStreamDataBidirectionalRemote(1 << 20)
                .initialMaxStreamsBidirectional(1)
                .build();
    }

    /** The edge asks for something, without the signature that is read before. */
    private void ask(ConnectionType kind) throws Exception {
        Channel stream = accepted.get(SOON.toSeconds(), TimeUnit.SECONDS)
                .createStream(QuicStreamType.BIDIRECTIONAL, heard)
                .syncUninterruptibly()
                .getNow();
        stream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        ConnectRequest request =
                new ConnectRequest("http://app.example/", kind, List.of(new Metadata(Metadata.METHOD, "GET")));
        stream.writeAndFlush(new DefaultQuicStreamFrame(request.write(), true));
    }

    /** The connector's part that serves requests. */
    private static final class Asked extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Channel> stream = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        /** The request's end has been read; until then the stream would not be complete whatever was acknowledged. */
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                stream.complete(ctx.channel());
            }
        }
    }

    /** What the edge hears. */
    private static final class Heard extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Void> something = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            something.complete(null);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                end.complete(null);
            }
        }
    }

    /** Packets that have reached a socket and are held back there. */
    private static final class Held extends ChannelInboundHandlerAdapter {
        private final Queue<Object> packets = new ConcurrentLinkedQueue<>();
        private final ChannelHandlerContext context;
        private boolean isLetGo;

        Held(Channel datagrams) {
            datagrams.pipeline().addFirst(this);
            context = datagrams.pipeline().context(this);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object packet) {
            if (isLetGo) {
                ctx.fireChannelRead(packet);
            } else {
                packets.add(packet);
            }
        }

        /** They arrive in one turn of the event loop with what happens just before. */
        void letGoAfter(Runnable happening) {
            context.executor().execute(() -> {
                isLetGo = true;
                happening.run();
                packets.forEach(context::fireChannelRead);
                context.fireChannelReadComplete();
            });
        }
    }
}
