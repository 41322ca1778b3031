package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.TestAuthority;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Origins that end a shared HTTP/2 connection, or a request on it, in the ways that HTTP/2 has for that. */
class Http2OriginIT {
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final int PIECE = 64 << 10;
    private static final int PIECES = 20;
    private static final byte[] LEAVING_AFTER_THE_FIRST = {0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};

    private static Channel origin;
    private static TestEdge edge;
    private static Connector connector;
    private static TestEdge.Link link;
    private static volatile Consumer<Channel> script;

    /** The origin's connections that carried a request, in their order. */
    private static final List<Channel> CONNECTIONS = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start(@TempDir Path files) throws Exception {
        TestAuthority edgeAuthority = new TestAuthority("edge");
        Path edgeCa = Files.writeString(files.resolve("edge.pem"), edgeAuthority.pem());
        origin = origin(new TestAuthority("inside").issue("inner.example"));
        String yaml = """
                ingress:
                  - service: "https://127.0.0.1:%d"
                    originRequest: {noTLSVerify: true, http2Origin: true}
                """.formatted(((InetSocketAddress) origin.localAddress()).getPort());
        edge = TestEdge.start(edgeAuthority);
        ConnectorFile file = ConnectorFile.parse(Path.of("test.yml"), yaml);
        InstantSource clock = InstantSource.system();
        connector = new Connector(
                ConnectorIT.settings(edge.address(), edgeCa, Protocol.HTTP2, Optional.empty(), OriginProxies.NONE),
                Configuration.local(file.ingress(), file, Map.of()),
                new ConnectorLog(new PrintStream(System.err, true), ConnectorLog.Level.WARN, clock),
                clock);
        connector.start();
        link = edge.link();
    }

    @AfterAll
    static void stop() {
        connector.stop(Duration.ZERO).join();
        edge.close();
        origin.close().syncUninterruptibly();
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static Channel origin(TestAuthority.Issued issued) throws Exception {
        SslContext tls = SslContextBuilder.forServer(issued.keys().getPrivate(), issued.certificate())
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2))
                .build();
        return new ServerBootstrap()
                .group(LOOPS)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Shaken());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    private static final class Shaken extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == SslHandshakeCompletionEvent.SUCCESS) {
                ctx.pipeline()
                        .addLast(
                                Http2FrameCodecBuilder.forServer().build(),
                                new Http2MultiplexHandler(new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline().addLast(new Stream());
                                    }
                                }));
                ctx.flush();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static final class Stream extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame) {
                Channel connection = ctx.channel().parent();
                if (!CONNECTIONS.contains(connection)) {
                    CONNECTIONS.add(connection);
                }
                script.accept(ctx.channel());
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static void head(Channel stream) {
        stream.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"), false));
    }

    private static void answer(Channel stream, String text) {
        head(stream);
        stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), true));
    }

    /** A connection of its own for each test, which has carried one request. */
    @BeforeEach
    void aSharedConnection() {
        CONNECTIONS.forEach(each -> each.close().syncUninterruptibly());
        CONNECTIONS.clear();
        script = stream -> answer(stream, "first");
        assertThat(ask("GET").text()).isEqualTo("first");
        assertThat(CONNECTIONS).hasSize(1);
    }

    private static EdgeStream ask(String method) {
        return link.request(method, "app.example", "/", Map.of(), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aRequestThatALeavingOriginDidNotTakeIsAskedAgain(String method) {
        script = stream -> {
            if (stream.parent() == CONNECTIONS.getFirst()) {
                stream.parent()
                        .pipeline()
                        .context(Http2FrameCodec.class)
                        .writeAndFlush(Unpooled.wrappedBuffer(LEAVING_AFTER_THE_FIRST));
            } else {
                answer(stream, "again");
            }
        };
        assertThat(ask(method).text()).isEqualTo("again");
        assertThat(CONNECTIONS).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aRequestThatTheOriginRefusedUnreadIsAskedAgainOnce(String method) {
        AtomicInteger asked = new AtomicInteger();
        script = stream -> {
            if (asked.incrementAndGet() == 1) {
                stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
            } else {
                answer(stream, "again");
            }
        };
        assertThat(ask(method).text()).isEqualTo("again");

        asked.set(0);
        script = stream -> {
            asked.incrementAndGet();
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
        };
        assertThat(ask(method).head().status()).isEqualTo(502);
        assertThat(asked).hasValue(2);
    }

    @Test
    void aRequestOnASharedConnectionThatEndedIsAskedAgainWhenThatDoesNoHarm() {
        AtomicInteger asked = new AtomicInteger();
        script = stream -> {
            asked.incrementAndGet();
            if (stream.parent() == CONNECTIONS.getFirst()) {
                stream.parent().close();
            } else {
                answer(stream, "again");
            }
        };
        assertThat(ask("GET").text()).isEqualTo("again");
        assertThat(asked).hasValue(2);
    }

    /**
     * The origin has answered an upload that it does not want, and says that it wants no more of it (RFC 9113 §8.1), while the edge
     * takes nothing for a while: the reset overtakes what the connector has not read of the answer.
     */
    @Test
    void aWholeAnswerSurvivesThatTheOriginWantsNoMoreOfTheRequest() {
        AtomicReference<Channel> asked = new AtomicReference<>();
        script = stream -> {
            asked.set(stream);
            head(stream);
            stream.flush();
        };
        EdgeStream upload =
                link.request("POST", "app.example", "/", Map.of("content-length", String.valueOf(1 << 20)), false);
        upload.write(new byte[1]);
        assertThat(upload.head().status()).isEqualTo(200);
        upload.pause();

        // More than the edge's window, after which the connector reads no more, and all that this window leaves unread.
        ChannelFuture written = asked.get().newSucceededFuture();
        for (int i = 1; i <= PIECES; i++) {
            written = asked.get()
                    .writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[PIECE]), i == PIECES));
        }
        assertThat(written.awaitUninterruptibly(30_000)).isTrue();
        asked.get().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
        script = stream -> answer(stream, "after that");
        assertThat(ask("GET").text()).isEqualTo("after that");

        upload.resume();
        assertThat(upload.body()).hasSize(PIECES * PIECE);
    }

    @Test
    void aPostThatMayHaveArrivedIsNotAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        script = stream -> {
            asked.incrementAndGet();
            stream.parent().close();
        };
        assertThat(ask("POST").head().status()).isEqualTo(502);
        assertThat(asked).hasValue(1);
    }
}
