package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** What becomes of a QUIC connection that has carried many requests, each of which the library remembers. */
class WornConnectionsTest {
    private final TunnelId tunnel = new TunnelId(new UUID(0, 1));
    private final TunnelAddress to = TunnelAddress.of(tunnel);
    private final TunnelDirectory directory = new TunnelDirectory();

    @Test
    void aWornConnectionIsRetiredOnceItIsIdleAndAnotherIsThere() {
        TestTransport old = new TestTransport();
        TunnelConnection worn = connection(0, old);
        EmbeddedChannel webSocket = old.opened();
        worn.open(new ChannelInboundHandlerAdapter());
        wear(worn);
        assertThat(directory.leastBusy(to, List.of())).as("the only one").contains(worn);

        TunnelConnection fresh = connection(1, new TestTransport());

        assertThat(directory.leastBusy(to, List.of())).contains(fresh);
        assertThat(worn.isUsable()).as("with a WebSocket on it").isTrue();
        webSocket.close();
        assertThat(directory.leastBusy(to, List.of())).contains(fresh);
        assertThat(worn.isUsable()).isFalse();
        await().until(() -> "it has carried its share of requests".equals(old.closed));
    }

    @Test
    void anIdleConnectionThatIsWornIsUsedWhenTheOtherWasTried() {
        TunnelConnection worn = connection(0, new TestTransport());
        TunnelConnection fresh = connection(1, new TestTransport());
        wear(worn);

        assertThat(directory.leastBusy(to, List.of(fresh))).contains(worn);
    }

    private TunnelConnection connection(int index, TestTransport transport) {
        TunnelConnection connection = new TunnelConnection(
                UUID.randomUUID(),
                new TunnelConnection.Key(tunnel, new UUID(0, 2), index),
                new ConnectionOptions(new UUID(0, 2), List.of(), "1", "none", new byte[0], false, 0, 0),
                transport,
                new LongAdder(),
                Instant.EPOCH,
                System::nanoTime);
        directory.add(connection);
        return connection;
    }

    private static void wear(TunnelConnection connection) {
        for (long i = connection.requests(); i < TunnelProtocol.QUIC.mostRequests(); i++) {
            connection.open(new ChannelInboundHandlerAdapter());
        }
    }
}
