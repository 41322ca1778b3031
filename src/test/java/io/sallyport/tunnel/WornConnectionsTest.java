package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a QUIC connection that has carried many requests, each of which the library remembers. */
class WornConnectionsTest {
    private final TunnelId tunnel = new TunnelId(new UUID(0, 1));
    private final TunnelAddress to = TunnelAddress.of(tunnel);
    private final TunnelDirectory directory = new TunnelDirectory();

    @Test
    void aWornConnectionIsRetiredOnceItIsIdleAndAnotherIsThere() {
        Transport old = new Transport();
        TunnelConnection worn = connection(0, old);
        EmbeddedChannel webSocket = old.opened();
        worn.open(new ChannelInboundHandlerAdapter());
        wear(worn);
        assertThat(directory.leastBusy(to, List.of())).as("the only one").contains(worn);

        TunnelConnection fresh = connection(1, new Transport());

        assertThat(directory.leastBusy(to, List.of())).contains(fresh);
        assertThat(worn.isUsable()).as("with a WebSocket on it").isTrue();
        webSocket.close();
        assertThat(directory.leastBusy(to, List.of())).contains(fresh);
        assertThat(worn.isUsable()).isFalse();
        await().until(() -> "it has carried its share of requests".equals(old.closed));
    }

    @Test
    void anIdleConnectionThatIsWornIsUsedWhenTheOtherWasTried() {
        TunnelConnection worn = connection(0, new Transport());
        TunnelConnection fresh = connection(1, new Transport());
        wear(worn);

        assertThat(directory.leastBusy(to, List.of(fresh))).contains(worn);
    }

    private TunnelConnection connection(int index, Transport transport) {
        TunnelConnection connection = new TunnelConnection(
                UUID.randomUUID(),
                new TunnelConnection.Key(tunnel, new UUID(0, 2), index),
                new ConnectionOptions(new UUID(0, 2), List.of(), "1", "none", new byte[0], false, 0, 0),
                transport,
                new LongAdder(),
                Instant.EPOCH);
        directory.add(connection);
        return connection;
    }

    private static void wear(TunnelConnection connection) {
        for (long i = connection.requests(); i < TunnelProtocol.QUIC.mostRequests(); i++) {
            connection.open(new ChannelInboundHandlerAdapter());
        }
    }

    /** Refuses every stream but those asked for. */
    private static final class Transport implements TunnelTransport {
        private final TunnelTraffic traffic = new TunnelTraffic();
        private @Nullable EmbeddedChannel next;
        private volatile @Nullable String closed;

        EmbeddedChannel opened() {
            EmbeddedChannel channel = new EmbeddedChannel();
            next = channel;
            return channel;
        }

        @Override
        public TunnelProtocol protocol() {
            return TunnelProtocol.QUIC;
        }

        @Override
        public String remoteAddress() {
            return "192.0.2.1";
        }

        @Override
        public EventExecutor executor() {
            return GlobalEventExecutor.INSTANCE;
        }

        @Override
        public void settled(List<String> features) {}

        @Override
        public Future<? extends Channel> openStream(ChannelHandler consumer) {
            EmbeddedChannel channel = next;
            next = null;
            return channel == null
                    ? ImmediateEventExecutor.INSTANCE.newFailedFuture(TunnelFailure.lost())
                    : ImmediateEventExecutor.INSTANCE.newSucceededFuture(channel);
        }

        @Override
        public void pushConfiguration(int version, String json, IntConsumer applied) {}

        @Override
        public void announceEnd() {}

        @Override
        public void close(String reason) {
            closed = reason;
        }

        @Override
        public String reason() {
            return LEFT;
        }

        @Override
        public TunnelTraffic traffic() {
            return traffic;
        }

        @Override
        public boolean isOpen() {
            return closed == null;
        }

        @Override
        public void onClose(Runnable then) {}

        @Override
        public Duration roundTrip() {
            return Duration.ZERO;
        }
    }
}
