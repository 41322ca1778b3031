package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody without credentials gets out of the UDP port, and what it costs (TU-03, TU-08). */
class FirstPacketsIT {
    private static final int OURS = 1;
    /** Reserved to be unknown (RFC 9000 §15). */
    private static final int UNKNOWN = 0xbabababa;

    private static final int RETRY = 0x30;

    private static TunnelWorld world;

    @BeforeAll
    static void start(@TempDir Path files) {
        world = new TunnelWorld(files);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    /** The head of an Initial packet without a token, and zeros. */
    private static byte[] initial(int version, int length) {
        ByteBuffer packet = ByteBuffer.allocate(length)
                .put((byte) 0xc3)
                .putInt(version)
                .put((byte) 8)
                .putLong(0x1122334455667788L)
                .put((byte) 8)
                .putLong(0x99aabbccddeeff00L)
                .put((byte) 0);
        packet.putShort((short) (0x4000 | packet.remaining() - 2));
        return packet.array();
    }

    private static Optional<byte[]> answer(byte[] packet, int patience) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(patience);
            socket.send(new java.net.DatagramPacket(
                    packet, packet.length, InetAddress.getLoopbackAddress(), world.server.port()));
            java.net.DatagramPacket answer = new java.net.DatagramPacket(new byte[2_000], 2_000);
            socket.receive(answer);
            return Optional.of(Arrays.copyOf(answer.getData(), answer.getLength()));
        } catch (SocketTimeoutException silent) {
            return Optional.empty();
        }
    }

    @Test
    void tu08WhatIsTooShortToBeginWithIsNotAnswered() throws IOException {
        for (int version : new int[] {OURS, UNKNOWN}) {
            for (int length : new int[] {30, 100, 600, FirstPackets.SHORTEST - 1}) {
                assertThat(answer(initial(version, length), 300))
                        .as("%d octets of version %x", length, version)
                        .isEmpty();
            }
        }
    }

    @Test
    void tu08BeforeAnAddressIsProvenAnAnswerIsShorterThanWhatAskedForIt() throws IOException {
        byte[] retry = answer(initial(OURS, FirstPackets.SHORTEST), 10_000).orElseThrow();
        assertThat(retry[0] & RETRY).isEqualTo(RETRY);
        assertThat(retry.length).isLessThan(FirstPackets.SHORTEST / 3);
        byte[] versions =
                answer(initial(UNKNOWN, FirstPackets.SHORTEST), 10_000).orElseThrow();
        assertThat(ByteBuffer.wrap(versions).getInt(1))
                .as("version negotiation")
                .isZero();
        assertThat(versions.length).isLessThan(FirstPackets.SHORTEST / 3);
        assertThat(world.server.open()).as("neither is a connection").isZero();
    }

    /** A client that proves its address and then takes no notice of what the edge says: its own packets keep the handshake alive. */
    @Test
    void tu03HalfAHandshakeIsCountedAndIsOverInTime() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel socket = new Bootstrap()
                    .group(loops)
                    .channel(NioDatagramChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Deaf(), client());
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
            var dialling = QuicChannel.newBootstrap(socket)
                    .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()))
                    .handler(new ChannelInboundHandlerAdapter())
                    .streamHandler(new ChannelInboundHandlerAdapter())
                    .connect();
            await().until(() -> world.server.open() == 1);
            await().atMost(Duration.ofSeconds(20)).until(() -> world.server.open() == 0);
            assertThat(dialling.isSuccess()).isFalse();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static ChannelHandler client() {
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols("argotunnel")
                .build();
        return new QuicClientCodecBuilder()
                .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "quic.cftunnel.com", 7844))
                .maxIdleTimeout(60, TimeUnit.SECONDS)
                .initialMaxData(1 << 20)
                .build();
    }

    /** Hears the Retry and nothing more. */
    private static final class Deaf extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof DatagramPacket packet
                    && (packet.content().getByte(packet.content().readerIndex()) & RETRY) == RETRY) {
                ctx.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }
    }
}
