package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
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
}
