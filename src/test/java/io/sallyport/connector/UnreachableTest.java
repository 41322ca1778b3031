package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreachableTest {
    private final List<PortUnreachableException> failures = new ArrayList<>();
    private final Unreachable unreachable = new Unreachable(failures::add);
    private final EmbeddedChannel datagrams = new EmbeddedChannel(unreachable);

    @Test
    void anAttemptIsOverAtTheFirstWord() {
        EmbeddedChannel quic = new EmbeddedChannel() {
            @Override
            public boolean isActive() {
                return false; // it shakes hands
            }
        };
        unreachable.over(quic);
        refuse();
        assertThat(failures).hasSize(1);
        assertThat(quic.isOpen()).isFalse();
    }

    @Test
    void aConnectionIsOverAtTheSecond() {
        EmbeddedChannel quic = new EmbeddedChannel();
        unreachable.over(quic);
        refuse();
        assertThat(quic.isActive()).isTrue();
        refuse();
        assertThat(quic.isActive()).isFalse();
    }

    /** Whoever can make up a packet of ICMP must know the port, and still ends nothing that is alive. */
    @Test
    void aConnectionOnWhichSomethingArrivesInBetweenLives() {
        EmbeddedChannel quic = new EmbeddedChannel();
        unreachable.over(quic);
        for (int i = 0; i < 10; i++) {
            refuse();
            datagrams.writeInbound("a packet");
        }
        assertThat(quic.isActive()).isTrue();
    }

    private void refuse() {
        datagrams.pipeline().fireExceptionCaught(new PortUnreachableException("recvmsg(..) failed"));
    }
}
