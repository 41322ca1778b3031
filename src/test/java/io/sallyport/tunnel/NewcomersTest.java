package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whom the tunnel listeners let in. */
class NewcomersTest {
    private static final int SOCKETS = 3;

    private final Newcomers newcomers = new Newcomers(SOCKETS);

    private boolean arrives(EmbeddedChannel channel, String address) {
        return newcomers.admit(channel, new InetSocketAddress(InetAddress.ofLiteral(address), 40_000));
    }

    @Test
    void do04OneSourceThatNeverRegistersLeavesRoomToOthers() {
        List<EmbeddedChannel> mallorys = new ArrayList<>();
        for (int i = 0; i < Newcomers.MOST_OF_ONE_SOURCE; i++) {
            EmbeddedChannel channel = new EmbeddedChannel();
            mallorys.add(channel);
            assertThat(arrives(channel, "2001:db8:0:1::" + Integer.toHexString(i)))
                    .isTrue();
        }
        assertThat(arrives(new EmbeddedChannel(), "2001:db8:0:1:ffff::1")).isFalse();
        assertThat(arrives(new EmbeddedChannel(), "2001:db8:0:2::1")).isTrue();
        assertThat(arrives(new EmbeddedChannel(), "192.0.2.1")).isTrue();

        mallorys.getFirst().close().syncUninterruptibly();
        assertThat(arrives(new EmbeddedChannel(), "2001:db8:0:1::1")).isTrue();
        assertThat(arrives(new EmbeddedChannel(), "2001:db8:0:1::1")).isFalse();
    }

    private static String address(int number) {
        return "2001:db8:" + Integer.toHexString(number / 100) + "::1";
    }

    /** From many sources, each of which stays within what it may. */
    @Test
    void tu03WhoDoesNotRegisterMakesRoomForTheNextAndWhoDidStays() {
        List<EmbeddedChannel> strangers = new ArrayList<>();
        EmbeddedChannel honest = new EmbeddedChannel();
        assertThat(arrives(honest, "192.0.2.1")).isTrue();
        newcomers.settled(honest);
        for (int i = 0; i < Newcomers.MOST_STRANGERS + 100; i++) {
            EmbeddedChannel stranger = new EmbeddedChannel();
            strangers.add(stranger);
            assertThat(arrives(stranger, address(i))).isTrue();
        }
        assertThat(strangers.subList(0, 100)).noneMatch(EmbeddedChannel::isOpen);
        assertThat(strangers.subList(100, strangers.size())).allMatch(EmbeddedChannel::isOpen);
        assertThat(honest.isOpen()).isTrue();
        assertThat(newcomers.open()).isEqualTo(Newcomers.MOST_STRANGERS + 1);
        strangers.forEach(each -> each.close().syncUninterruptibly());
        assertThat(newcomers.open()).isOne();
    }

    @Test
    void do06OnlySoManyHaveADescriptorAndThoseOverUdpHaveNone() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            List<Channel> sockets = new ArrayList<>();
            for (int i = 0; i <= SOCKETS; i++) {
                Channel socket = new NioSocketChannel();
                loops.register(socket).sync();
                sockets.add(socket);
                assertThat(newcomers.admit(socket, new InetSocketAddress("192.0.2.1", i)))
                        .isEqualTo(i < SOCKETS);
                newcomers.settled(socket);
            }
            assertThat(arrives(new EmbeddedChannel(), "192.0.2.1")).isTrue();
            sockets.getFirst().close().sync();
            assertThat(newcomers.admit(sockets.getLast(), new InetSocketAddress("192.0.2.1", 1)))
                    .as("in the place of one that left")
                    .isTrue();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** However few descriptors there are: strangers get half of them, and the oldest stranger goes when they are short. */
    @Test
    void do06WhoDoesNotRegisterKeepsNoDescriptorFromOthers() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Newcomers few = new Newcomers(8);
        try {
            List<Channel> strangers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                strangers.add(socket(loops));
                assertThat(few.admit(strangers.getLast(), new InetSocketAddress("192.0.2.1", i)))
                        .isTrue();
                await().until(() -> few.open() <= 4);
            }
            assertThat(strangers.subList(0, 16)).noneMatch(Channel::isOpen);
            assertThat(strangers.subList(16, 20)).allMatch(Channel::isOpen);
            for (int i = 0; i < 4; i++) {
                Channel honest = socket(loops);
                assertThat(few.admit(honest, new InetSocketAddress("192.0.2.2", i)))
                        .isTrue();
                few.settled(honest);
                await().until(() -> few.open() <= 8);
            }
            Channel late = socket(loops);
            if (!few.admit(late, new InetSocketAddress("192.0.2.2", 5))) {
                await().until(() -> few.open() < 8);
                assertThat(few.admit(late, new InetSocketAddress("192.0.2.2", 5)))
                        .as("in the place of a stranger")
                        .isTrue();
            }
        } finally {
            few.close().syncUninterruptibly();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static Channel socket(EventLoopGroup loops) throws InterruptedException {
        Channel socket = new NioSocketChannel();
        loops.register(socket).sync();
        return socket;
    }

    @Test
    void tu03OneSourceBeginsOnlySoManyHandshakes() {
        int begun = 0;
        for (int i = 0; i < 3 * Newcomers.MOST_OF_ONE_SOURCE; i++) {
            if (newcomers.mayBegin(new InetSocketAddress(InetAddress.ofLiteral("2001:db8:0:1::" + i % 10), i))) {
                begun++;
            }
        }
        assertThat(begun).isBetween(Newcomers.MOST_OF_ONE_SOURCE, 2 * Newcomers.MOST_OF_ONE_SOURCE);
        assertThat(newcomers.mayBegin(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1)))
                .as("somebody else")
                .isTrue();
    }
}
