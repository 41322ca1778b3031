package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedgerKeeperTest {
    private final Ledger ledger = new Ledger();
    private final LedgerKeeper keeper = new LedgerKeeper(ledger);
    private final TunnelConnection connection = new TunnelConnection(
            UUID.randomUUID(),
            new TunnelConnection.Key(new TunnelId(UUID.randomUUID()), UUID.randomUUID(), 0),
            new ConnectionOptions(UUID.randomUUID(), List.of(), "1", "none", new byte[0], false, 0, 0),
            new Transport(),
            new LongAdder(),
            Instant.EPOCH);

    @AfterEach
    void close() {
        ledger.open.countDown();
        keeper.close();
    }

    @Test
    void do04_aConnectorThatTalksOfItsRulesWithoutEndMakesTheLedgerWriteThemOnce() {
        for (int i = 0; i < 10_000; i++) {
            keeper.localConfiguration(connection, "{\"version\":" + i + "}");
        }
        ledger.open.countDown();
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(5)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.locals).containsExactly("{\"version\":9999}");
    }

    @Test
    void do04_howeverMuchThereIsToSayAHeartbeatDoesNotWaitForAllOfIt() {
        keeper.registered(connection); // the ledger takes its time over this one
        await().atMost(Duration.ofSeconds(5)).until(() -> ledger.writing.get() > 0);
        for (int i = 0; i < 10_000; i++) {
            keeper.configured(connection, i);
        }
        keeper.swapped(null);
        ledger.open.countDown();
        await().atMost(Duration.ofSeconds(5)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.versions.get())
                .as("versions written, for ten thousand that were told")
                .isLessThan(5);
    }

    private static final class Ledger implements TunnelLedger {
        final CountDownLatch open = new CountDownLatch(1);
        final AtomicInteger writing = new AtomicInteger();
        final AtomicInteger beats = new AtomicInteger();
        final AtomicInteger versions = new AtomicInteger();
        final List<String> locals = new CopyOnWriteArrayList<>();

        @Override
        public boolean registered(Registration connection) {
            writing.incrementAndGet();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return true;
        }

        @Override
        public void closed(UUID connection, String reason, Traffic last) {}

        @Override
        public void configured(TunnelId tunnel, UUID client, int version) {
            versions.incrementAndGet();
        }

        @Override
        public void localConfiguration(TunnelId tunnel, String json) {
            locals.add(json);
        }

        @Override
        public Heartbeat heartbeat(Map<UUID, Traffic> held) {
            beats.incrementAndGet();
            return new Heartbeat(false, held.keySet());
        }

        @Override
        public UUID replica() {
            return new UUID(0, 1);
        }

        @Override
        public void reachableAt(String host, int port) {}

        @Override
        public List<Elsewhere> elsewhere() {
            return List.of();
        }

        @Override
        public void leave(String reason) {}
    }

    private static final class Transport implements TunnelTransport {
        private final TunnelTraffic traffic = new TunnelTraffic();

        @Override
        public TunnelProtocol protocol() {
            return TunnelProtocol.values()[0];
        }

        @Override
        public String remoteAddress() {
            return "192.0.2.1:40000";
        }

        @Override
        public EventExecutor executor() {
            return ImmediateEventExecutor.INSTANCE;
        }

        @Override
        public Future<? extends Channel> openStream(ChannelHandler consumer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void pushConfiguration(int version, String json, IntConsumer applied) {}

        @Override
        public void announceEnd() {}

        @Override
        public void close(String reason) {}

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
            return true;
        }

        @Override
        public void onClose(Runnable then) {}

        @Override
        public Duration roundTrip() {
            return Duration.ZERO;
        }
    }
}
