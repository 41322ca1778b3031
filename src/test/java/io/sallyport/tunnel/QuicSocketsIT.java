package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.sallyport.testkit.TestConnector;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which sockets of the tunnel's port QUIC connections are on, and by that on which event loops. */
@EnabledOnOs(OS.LINUX)
class QuicSocketsIT {
    /** On each of two loops. */
    private static final int SOCKETS = 4;

    @TempDir
    private Path files;

    /** By the hash of their addresses, each of eight would be alone in one case of 416. */
    @Test
    void connectionsAreSpreadEvenlyAndANewOneTakesThePlaceThatHasBecomeFree() {
        try (TunnelWorld world = new TunnelWorld(files)) {
            List<TestConnector> connectors = new ArrayList<>();
            List<Channel> sockets = new ArrayList<>();
            for (int i = 0; i < 2 * SOCKETS; i++) {
                TestConnector.Claim claim = world.tunnel();
                connectors.add(registered(world, claim));
                sockets.add(socket(world, claim));
            }

            assertThat(sockets).doesNotHaveDuplicates();
            Channel free = sockets.getLast();
            connectors.getLast().close();
            await().atMost(Duration.ofSeconds(10)).until(() -> world.server.open() == connectors.size() - 1);
            TestConnector.Claim claim = world.tunnel();
            registered(world, claim);
            assertThat(socket(world, claim)).isEqualTo(free);
        }
    }

    private static TestConnector registered(TunnelWorld world, TestConnector.Claim claim) {
        TestConnector connector = world.dial(TunnelProtocol.QUIC, claim);
        connector.registered();
        return connector;
    }

    private static Channel socket(TunnelWorld world, TestConnector.Claim claim) {
        await().atMost(Duration.ofSeconds(10)).until(() -> world.connections(claim) == 1);
        QuicStreamChannel stream = (QuicStreamChannel) world.open(claim, new ChannelInboundHandlerAdapter());
        return stream.parent().parent();
    }

    @Test
    void whereTheSystemRefusesTheFilterItGoesOnDistributingByAddress() {
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            EpollDatagramChannel alone = (EpollDatagramChannel) new Bootstrap()
                    .group(loops)
                    .channel(EpollDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .syncUninterruptibly()
                    .channel();
            QuicSockets sockets = new QuicSockets(new AddressTokens(System::nanoTime, address -> true));
            sockets.next((EventLoop) loops.next());
            sockets.next((EventLoop) loops.next());

            assertThatThrownBy(() -> SocketFilter.byConnectionId(2).attach(alone))
                    .isInstanceOf(ChannelException.class);
            assertThatCode(() -> sockets.steer(alone)).doesNotThrowAnyException();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
