package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code connectTimeout} and {@code noHappyEyeballs}, with one address that never answers and one that does. */
class DialerIT {
    private static final InetAddress DEAF = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress LIVELY = InetAddress.ofLiteral("127.0.0.1");
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        ServerSocket lively = new ServerSocket(0, 50, LIVELY);
        port = lively.getLocalPort();
        OPEN.add(lively);
        OPEN.add(new ServerSocket(port, 1, DEAF));
        // A full queue of connections that nobody accepts: the system drops what comes after them.
        for (int i = 0; i < 8; i++) {
            SocketChannel waiting = SocketChannel.open();
            OPEN.add(waiting);
            waiting.configureBlocking(false);
            waiting.connect(new InetSocketAddress(DEAF, port));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : OPEN) {
            each.close();
        }
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void anAddressThatNeverAnswersIsGivenUpInTime() {
        Future<Channel> dialled = dial(List.of(DEAF), Duration.ofMillis(300), false);
        assertThat(dialled.cause()).isInstanceOf(ConnectTimeoutException.class);
    }

    @Test
    void theNextAddressIsTriedBesideOneThatTakesLong() {
        long began = System.nanoTime();
        Future<Channel> dialled = dial(List.of(DEAF, LIVELY), Duration.ofSeconds(8), false);
        assertThat(remote(dialled)).isEqualTo(LIVELY);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
    }

    @Test
    void withoutHappyEyeballsTheNextAddressWaitsForTheFirstToFail() {
        long began = System.nanoTime();
        Future<Channel> dialled = dial(List.of(DEAF, LIVELY), Duration.ofMillis(700), true);
        assertThat(remote(dialled)).isEqualTo(LIVELY);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(650));
    }

    private static InetAddress remote(Future<Channel> dialled) {
        Channel channel = dialled.getNow();
        InetAddress address = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        channel.close();
        return address;
    }

    private static Future<Channel> dial(List<InetAddress> addresses, Duration timeout, boolean oneByOne) {
        Dialer.Manner manner = new Dialer.Manner(timeout, Duration.ofSeconds(30), oneByOne);
        return Dialer.connect(LOOPS.next(), addresses, port, manner).awaitUninterruptibly();
    }

    /**
     * epoll reports several descriptors at once. When what comes of the first closes the second and dials, the new connection has the
     * second's number and gets its event: a read before there is a connection, which ends it.
     */
    @Test
    void aConnectionThatInheritsTheEventOfAClosedOneIsDialledAgain() throws Exception {
        EventLoopGroup epoll = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (ServerSocket peers = new ServerSocket(0, 50, LIVELY);
                ServerSocket slow = new ServerSocket(0, 1, DEAF)) {
            List<SocketChannel> crowd = fill(slow);
            EventLoop loop = epoll.next();
            Channel first = connected(loop, peers);
            Socket firstPeer = peers.accept();
            Channel second = connected(loop, peers);
            Socket secondPeer = peers.accept();
            Promise<Channel> dialled = loop.newPromise();
            first.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ReferenceCountUtil.release(message);
                    second.close();
                    Dialer.connect(
                                    loop,
                                    List.of(DEAF),
                                    slow.getLocalPort(),
                                    new Dialer.Manner(Duration.ofSeconds(20), Duration.ofSeconds(30), false))
                            .addListener(new PromiseNotifier<>(dialled));
                }
            });
            AtomicBoolean written = new AtomicBoolean();
            loop.execute(() -> {
                first.read();
                second.read();
                // Both have an event when the loop looks again. Busy, for BlockHound takes whatever else there is for
                // waiting.
                while (!written.get()) {
                    continue;
                }
            });
            firstPeer.getOutputStream().write(1);
            secondPeer.close();
            written.set(true);
            await().until(() -> !second.isOpen());
            loop.submit(() -> {}).syncUninterruptibly(); // the second's event has come to whoever got its number
            for (SocketChannel each : crowd) {
                each.close();
            }
            Thread.ofVirtual().start(() -> drain(slow));
            assertThat(dialled.awaitUninterruptibly().cause()).isNull();
            dialled.getNow().close();
        } finally {
            epoll.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static Channel connected(EventLoop loop, ServerSocket to) {
        return Dialer.connect(
                        loop,
                        List.of(LIVELY),
                        to.getLocalPort(),
                        new Dialer.Manner(Duration.ofSeconds(5), Duration.ZERO, true))
                .syncUninterruptibly()
                .getNow();
    }

    /** Connections that nobody accepts, until the system drops what comes after them. */
    private static List<SocketChannel> fill(ServerSocket server) throws IOException {
        List<SocketChannel> crowd = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SocketChannel waiting = SocketChannel.open();
            crowd.add(waiting);
            waiting.configureBlocking(false);
            waiting.connect(server.getLocalSocketAddress());
        }
        return crowd;
    }

    private static void drain(ServerSocket server) {
        try {
            while (true) {
                server.accept();
            }
        } catch (IOException closed) {
            return; // the test is over
        }
    }
}
