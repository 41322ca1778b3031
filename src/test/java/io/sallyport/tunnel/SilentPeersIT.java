package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
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
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.tunnel.wire.Body;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * TU-03: whoever leaves the edge waiting holds a connection for seconds, at whatever step. The seconds are the product's, so that all
 * of these tests wait for them at the same time.
 */
@Execution(ExecutionMode.CONCURRENT)
class SilentPeersIT {
    private static final long HOARDED = 3L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(13);
    private static final Duration SOON = Duration.ofSeconds(30);
    /** Of the type of a QUIC packet with a long header (RFC 9000 §17.2). */
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

    static Stream<Arguments> lastWords() {
        return Stream.of(
                Arguments.of("nothing", ""),
                Arguments.of("half a frame", "0000"),
                Arguments.of("settings that let no stream be opened", "000006040000000000" + "0003" + "00000000"),
                Arguments.of("a ping and no settings", "000008060000000000" + "0102030405060708"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lastWords")
    void tu03WhoSaysThatAndNothingMoreIsClosed(String what, String frames) throws Exception {
        long begun = System.nanoTime();
        try (SSLSocket socket = (SSLSocket)
                tls().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.startHandshake();
            socket.getOutputStream().write(HexFormat.of().parseHex(frames));
            socket.getOutputStream().flush();
            assertThat(closes(socket)).as(what).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE.plusSeconds(10));
    }

    @ParameterizedTest
    @EnumSource
    void tu03WhoeverDoesNotRegisterIsGoneInFiveSeconds(TunnelProtocol protocol) {
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        TestConnector silent = world.silent(protocol, world.tunnel());
        assertThat(silent.closed()).succeedsWithin(SOON);
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(7)));
    }

    @Test
    void tu03ASocketThatSaysNothingIsClosed() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout(30_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void r31AFrozenConnectorIsFoundByPingsWithinTenSeconds() {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(TunnelProtocol.HTTP2, claim).registered();
        TunnelConnection connection = world.only(claim);
        await().until(() -> !connection.roundTrip().isZero());
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        connector.connection().config().setAutoRead(false);
        await().until(() -> !connection.isUsable());
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(10)));
        await().untilAsserted(
                        () -> assertThat(world.reasons.get(connection.id())).isEqualTo("no answer to pings"));
    }

    /** A client that proves its address and then takes no notice of what the edge says: its own packets keep the handshake alive. */
    @Test
    void tu03HalfAHandshakeIsCountedAndIsOverInTime(@TempDir Path files) {
        TunnelWorld deserted = new TunnelWorld(files);
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
                    .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), deserted.server.port()))
                    .handler(new ChannelInboundHandlerAdapter())
                    .streamHandler(new ChannelInboundHandlerAdapter())
                    .connect();
            await().until(() -> deserted.server.open() == 1);
            await().atMost(Duration.ofSeconds(20)).until(() -> deserted.server.open() == 0);
            assertThat(dialling.isSuccess()).isFalse();
        } finally {
            deserted.close();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /**
     * TU-06: a connector that asks on and never takes an answer, which HTTP/2 lets it say by a window of zero. The edge stops giving
     * it credit instead of keeping all those answers.
     */
    @Test
    void tu06WhoAsksAndDoesNotListenIsNotListenedTo() throws Exception {
        try (SSLSocket socket = (SSLSocket)
                tls().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.startHandshake();
            OutputStream out = socket.getOutputStream();
            out.write(HexFormat.of().parseHex("000006040000000000" + "0004" + "00000000"));
            out.flush();
            Credit credit = new Credit(socket);
            Thread reader = Thread.ofVirtual().start(credit);
            assertThat(credit.begun.await(30, TimeUnit.SECONDS)).isTrue();
            out.write(HexFormat.of().parseHex("000000040100000000")); // the edge's settings are understood
            out.write(HexFormat.of().parseHex("0000010104%08x88".formatted(credit.control))); // :status 200
            byte[] questions = manyQuestions();
            long sent = 0;
            try {
                while (sent < HOARDED && credit.left.tryAcquire(questions.length, 1, TimeUnit.SECONDS)) {
                    out.write(HexFormat.of().parseHex("%06x0000%08x".formatted(questions.length, credit.control)));
                    out.write(questions);
                    out.flush();
                    sent += questions.length;
                }
            } catch (SocketException | SSLException disconnected) {
                // so many questions in a second, by which time there may be no room for an answer either
            }
            assertThat(sent).as("octets of questions that were taken").isLessThan(HOARDED);
            socket.close();
            reader.join();
        }
    }

    /** TU-06 over QUIC: the connector reads nothing, so that its window stays shut. */
    @Test
    void tu06WhoAsksOverQuicAndDoesNotListenIsNotListenedTo() {
        TestConnector connector =
                world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
        connector.control().config().setAutoRead(false);
        byte[] questions = manyQuestions();
        long sent = 0;
        while (sent < 4 * HOARDED
                && connector
                        .control()
                        .writeAndFlush(Unpooled.wrappedBuffer(questions))
                        .awaitUninterruptibly(sent == 0 ? 30_000 : 1_000)
                && connector.control().isActive()) {
            sent += questions.length;
        }
        assertThat(sent).as("octets of questions that were taken").isBetween(1L, 4 * HOARDED - 1);
    }

    private static byte[] manyQuestions() {
        return Questions.octets(100, edge -> edge.call(1, 1, Body.EMPTY, answer -> {}));
    }

    /** Reads the edge's frames and counts how much it may still be sent on its control stream. */
    private static final class Credit implements Runnable {
        private final SSLSocket socket;
        private final CountDownLatch begun = new CountDownLatch(1);
        private volatile int control = -1;
        private final Semaphore left = new Semaphore(TunnelHttp2.STREAM_WINDOW);

        Credit(SSLSocket socket) {
            this.socket = socket;
        }

        @Override
        public void run() {
            try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
                in.skipNBytes(24);
                while (true) {
                    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                    int type = in.readUnsignedByte();
                    in.skipNBytes(1);
                    int stream = in.readInt();
                    byte[] payload = in.readNBytes(length);
                    if (type == RawHttp2.HEADERS) {
                        control = stream;
                        begun.countDown();
                    } else if (type == RawHttp2.WINDOW_UPDATE && stream == control) {
                        left.release(ByteBuffer.wrap(payload).getInt());
                    }
                }
            } catch (IOException over) {
                begun.countDown();
            }
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

    /** Reads past what the edge says of itself. */
    private static boolean closes(SSLSocket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // its preface, settings and pings
            }
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static SSLContext tls() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        try (var pem = Files.newInputStream(world.authority)) {
            trusted.setCertificateEntry("edge", (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
