package io.sallyport.connector;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.Body;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.TunnelHeaders;
import io.sallyport.tunnel.wire.UpdateConfiguration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The edge's end of the wire in one test: real sockets, real TLS, both transports, and nothing clever in between. */
final class TestEdge implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final BlockingQueue<Link> links = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> uploads = new LinkedBlockingQueue<>();
    private final int port;
    private Channel tcp;
    private Channel udp;
    /** Answers registrations; null leaves one without an answer. */
    volatile Function<ControlCall.Register, @Nullable RegistrationResult> registrar =
            call -> new RegistrationResult.Registered(UUID.randomUUID(), "TEST", true);

    /** A registered connection of a connector. */
    final class Link {
        private final Channel channel;
        final ControlCall.Register registration;
        final CompletableFuture<Void> unregistered = new CompletableFuture<>();

        Link(Channel channel, ControlCall.Register registration) {
            this.channel = channel;
            this.registration = registration;
        }

        Protocol protocol() {
            return channel instanceof QuicChannel ? Protocol.QUIC : Protocol.HTTP2;
        }

        InetAddress remoteAddress() {
            SocketAddress remote =
                    channel instanceof QuicChannel quic ? quic.remoteSocketAddress() : channel.remoteAddress();
            return ((InetSocketAddress) remote).getAddress();
        }

        boolean isOpen() {
            return channel.isActive();
        }

        void close() {
            channel.close().syncUninterruptibly();
        }

        /** Says this over HTTP/2, whether it is anything or not. */
        void raw(byte[] frames) {
            channel.eventLoop()
                    .execute(() -> channel.pipeline()
                            .context(Http2FrameCodec.class)
                            .writeAndFlush(Unpooled.wrappedBuffer(frames)));
        }

        EdgeStream request(String method, String host, String path, Map<String, String> headers, boolean end) {
            return open(RequestKind.HTTP, method, host, path, headers, end);
        }

        EdgeStream get(String path) {
            return request("GET", "app.example", path, Map.of(), true);
        }

        EdgeStream open(
                RequestKind kind, String method, String host, String path, Map<String, String> headers, boolean end) {
            EdgeStream stream = protocol() == Protocol.QUIC ? new EdgeStream.Quic() : new EdgeStream.Http2();
            Channel opened = protocol() == Protocol.QUIC
                    ? ((QuicChannel) channel)
                            .createStream(QuicStreamType.BIDIRECTIONAL, stream)
                            .syncUninterruptibly()
                            .getNow()
                    : new Http2StreamChannelBootstrap(channel)
                            .handler(stream)
                            .open()
                            .syncUninterruptibly()
                            .getNow();
            stream.begin(opened, kind, method, host, path, headers, end);
            return stream;
        }

        /** Pushes rules; the version and error the connector answers with. */
        String push(int version, String json) {
            if (protocol() == Protocol.HTTP2) {
                EdgeStream stream = new EdgeStream.Http2();
                Channel opened = new Http2StreamChannelBootstrap(channel)
                        .handler(stream)
                        .open()
                        .syncUninterruptibly()
                        .getNow();
                stream.begin(opened, RequestKind.CONFIGURATION, "PUT", "localhost:8080", "/", Map.of(), false);
                stream.write(
                        ("{\"version\":" + version + ",\"config\":" + json + "}").getBytes(StandardCharsets.UTF_8));
                stream.end();
                return stream.text();
            }
            CompletableFuture<String> answer = new CompletableFuture<>();
            ((QuicChannel) channel).createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter() {
                private RpcConnection rpc;

                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    ctx.write(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("52bb825cdb65")));
                    rpc = new RpcConnection(ctx::writeAndFlush, new Unasked(), 1 << 20);
                    UpdateConfiguration update =
                            new UpdateConfiguration(version, json.getBytes(StandardCharsets.UTF_8));
                    rpc.call(UpdateConfiguration.INTERFACE, UpdateConfiguration.METHOD, update.params(), given -> {
                        var applied =
                                UpdateConfiguration.Applied.read(((RpcConnection.Answer.Results) given).content());
                        answer.complete(applied.latestAppliedVersion() + " " + applied.error());
                    });
                }

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    if (message instanceof ByteBuf bytes) {
                        rpc.receive(bytes);
                        bytes.release();
                    }
                }
            });
            return answer.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    private static final class Unasked implements RpcConnection.Service {
        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            throw new AssertionError("nothing is asked here");
        }

        @Override
        public void ended(String reason) {}
    }

    private TestEdge(int port, TestAuthority authority, boolean withUdp, String... names) throws SSLException {
        var issued = authority.issue(names);
        SslContext tls = SslContextBuilder.forServer(issued.keys().getPrivate(), issued.certificate())
                .build();
        if (withUdp && port != 0) {
            udp = listenForPackets(issued, port); // or who dials meanwhile is there over TCP first
        }
        tcp = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new AfterHandshake());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
        this.port = ((InetSocketAddress) tcp.localAddress()).getPort();
        if (withUdp && port == 0) {
            udp = listenForPackets(issued, this.port);
        }
    }

    private Channel listenForPackets(TestAuthority.Issued issued, int at) {
        return new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(new QuicServerCodecBuilder()
                        .sslContext(
                                QuicSslContextBuilder.forServer(issued.keys().getPrivate(), null, issued.certificate())
                                        .applicationProtocols("argotunnel")
                                        .build())
                        .maxIdleTimeout(5, TimeUnit.SECONDS)
                        .initialMaxData(30 << 20)
                        .initialMaxStreamDataBidirectionalLocal(1 << 20)
                        .initialMaxStreamDataBidirectionalRemote(1 << 20)
                        .initialMaxStreamsBidirectional(100)
                        .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                        .handler(new ChannelInitializer<QuicChannel>() {
                            @Override
                            protected void initChannel(QuicChannel channel) {
                                accepted.add(channel);
                            }
                        })
                        .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                            @Override
                            protected void initChannel(QuicStreamChannel stream) {
                                stream.pipeline().addLast(new Control(stream.parent()));
                            }
                        })
                        .build())
                .bind(InetAddress.getLoopbackAddress(), at)
                .syncUninterruptibly()
                .channel();
    }

    static TestEdge start(TestAuthority authority) throws SSLException {
        return new TestEdge(0, authority, true, "h2.cftunnel.com", "quic.cftunnel.com");
    }

    static TestEdge start(int port, TestAuthority authority, boolean withUdp) throws SSLException {
        return new TestEdge(port, authority, withUdp, "h2.cftunnel.com", "quic.cftunnel.com");
    }

    static TestEdge startAs(TestAuthority authority, String name) throws SSLException {
        return new TestEdge(0, authority, true, name);
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** The next connection that registers. */
    Link link() throws InterruptedException {
        Link link = links.poll(30, TimeUnit.SECONDS);
        if (link == null) {
            throw new AssertionError("no connection registered");
        }
        return link;
    }

    /** The next local configuration that was uploaded. */
    String upload() throws InterruptedException {
        return String.valueOf(uploads.poll(30, TimeUnit.SECONDS));
    }

    boolean hasNewLink() {
        return !links.isEmpty();
    }

    /** As when its process is killed: nobody says goodbye over UDP. */
    void kill() {
        if (udp != null) {
            udp.close().syncUninterruptibly();
        }
        close();
    }

    @Override
    public void close() {
        tcp.close().syncUninterruptibly();
        accepted.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        if (udp != null) {
            udp.close().syncUninterruptibly();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** HTTP/2 with swapped roles, once TLS stands. */
    private final class AfterHandshake extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                ctx.pipeline()
                        .addLast(
                                Http2FrameCodecBuilder.forClient()
                                        .initialSettings(new Http2Settings()
                                                .initialWindowSize(1 << 20)
                                                .maxHeaderListSize(2 << 20)
                                                .pushEnabled(false))
                                        .build(),
                                new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                Channel connection = ctx.channel();
                new Http2StreamChannelBootstrap(connection)
                        .handler(new Http2Control(connection))
                        .open();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private final class Http2Control extends ChannelInboundHandlerAdapter {
        private final Channel connection;
        private Conversation conversation;

        Http2Control(Channel connection) {
            this.connection = connection;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Http2Headers head = new DefaultHttp2Headers()
                    .method("GET")
                    .scheme("http")
                    .authority("localhost:8080")
                    .path("/");
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(head.set(TunnelHeaders.UPGRADE, "control-stream"), false));
            conversation = new Conversation(connection, bytes -> ctx.writeAndFlush(new DefaultHttp2DataFrame(bytes)));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2DataFrame data) {
                conversation.rpc.receive(data.content());
                data.release();
            } else if (message instanceof Http2HeadersFrame head) {
                if (!"200".contentEquals(head.headers().status())) {
                    throw new AssertionError(
                            "control stream answered " + head.headers().status());
                }
            }
        }
    }

    private final class Control extends ChannelInboundHandlerAdapter {
        private final Channel connection;
        private Conversation conversation;

        Control(Channel connection) {
            this.connection = connection;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            conversation = new Conversation(connection, ctx::writeAndFlush);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                conversation.rpc.receive(bytes);
                bytes.release();
            }
        }
    }

    /** What the edge says on a control stream. */
    private final class Conversation implements RpcConnection.Service {
        private final Channel connection;
        private final RpcConnection rpc;
        private Link link;

        Conversation(Channel connection, Consumer<ByteBuf> sink) {
            this.connection = connection;
            this.rpc = new RpcConnection(sink, this, 1 << 20);
        }

        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            switch (ControlCall.read(interfaceId, method, params)) {
                case ControlCall.Register register -> {
                    RegistrationResult result = registrar.apply(register);
                    if (result == null) {
                        return;
                    }
                    reply.results(result.results());
                    if (result instanceof RegistrationResult.Registered) {
                        link = new Link(connection, register);
                        links.add(link);
                    } else {
                        connection.eventLoop().schedule(() -> connection.close(), 100, TimeUnit.MILLISECONDS);
                    }
                }
                case ControlCall.Unregister _ -> {
                    link.unregistered.complete(null);
                    reply.results(Body.EMPTY);
                }
                case ControlCall.LocalConfiguration local -> {
                    uploads.add(new String(local.json(), StandardCharsets.UTF_8));
                    reply.results(Body.EMPTY);
                }
                case null -> reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
            }
        }

        @Override
        public void ended(String reason) {}
    }
}
