package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewcomersTest {
    private final Newcomers newcomers = new Newcomers();

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
