package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;

/** The longest packet worth trying, by what this machine's interfaces say. */
class FirstHopIT {
    @Test
    void loopbackCarriesTheLongestPacketThereIs() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        assertThat(NetworkInterface.getByInetAddress(loopback).getMTU()).isGreaterThan(Sockets.LONGEST_PACKET);

        assertThat(FirstHop.longestPayload(new InetSocketAddress(loopback, 7844), new InetSocketAddress(0)))
                .isEqualTo(Sockets.LONGEST_PACKET);
        assertThat(FirstHop.longestPayload(new InetSocketAddress(loopback, 7844), new InetSocketAddress(loopback, 0)))
                .isEqualTo(Sockets.LONGEST_PACKET);
    }

    @Test
    void anAddressThatIsNotOursLeavesWhatEveryEthernetCarries() throws Exception {
        InetAddress notOurs = InetAddress.ofLiteral("192.0.2.7");

        assertThat(FirstHop.longestPayload(new InetSocketAddress(notOurs, 7844), new InetSocketAddress(notOurs, 0)))
                .isEqualTo(1_472);
        assertThat(FirstHop.longestPayload(
                        new InetSocketAddress("2001:db8::7", 7844), new InetSocketAddress(notOurs, 0)))
                .isEqualTo(1_452);
    }
}
