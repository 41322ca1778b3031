package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which groups the edge exchanges keys by: a connector may offer one alone. */
class KeyExchangeIT extends OneWorld {
    /** All that cloudflared offers under {@code --post-quantum}. */
    private static final String HYBRID = "X25519MLKEM768";

    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterAll
    static void stop() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static InetSocketAddress edge() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {HYBRID, "P-256", "X25519"})
    void aConnectorThatOffersOneGroupIsAnsweredByItOverUdp(String group) {
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(QuicEdge.ALPN)
                .option(BoringSSLContextOption.GROUPS, new String[] {group})
                .build();
        Channel socket = new Bootstrap()
                .group(LOOPS)
                .channel(NioDatagramChannel.class)
                .handler(new QuicClientCodecBuilder()
                        .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "quic.cftunnel.com", 7844))
                        .maxIdleTimeout(10, TimeUnit.SECONDS)
                        .build())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        Future<QuicChannel> dialled = QuicChannel.newBootstrap(socket)
                .remoteAddress(edge())
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(new ChannelInboundHandlerAdapter())
                .connect()
                .awaitUninterruptibly();
        assertThat(dialled.cause()).as(group).isNull();
        dialled.getNow().close().syncUninterruptibly();
        socket.close().syncUninterruptibly();
    }

    /** Where there is no build of BoringSSL the JDK's TLS serves, which knows no hybrid. */
    @ParameterizedTest
    @ValueSource(strings = {HYBRID, "P-256", "X25519"})
    void aConnectorThatOffersOneGroupIsAnsweredByItOverTcp(String group) throws SSLException {
        boolean isBoring = OpenSsl.isAvailable();
        SslContextBuilder builder = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
        if (isBoring) {
            builder.sslProvider(SslProvider.OPENSSL).option(OpenSslContextOption.GROUPS, new String[] {group});
        }
        SslContext tls = builder.build();
        Channel channel = new Bootstrap()
                .group(LOOPS)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(edge())
                .syncUninterruptibly()
                .channel();
        SslHandler handler = tls.newHandler(channel.alloc(), "h2.cftunnel.com", 7844);
        channel.eventLoop().submit(() -> channel.pipeline().addLast(handler)).syncUninterruptibly();
        assertThat(handler.handshakeFuture().awaitUninterruptibly().cause())
                .as(group)
                .isNull();
        assertThat(handler.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
        channel.close().syncUninterruptibly();
    }
}
