package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedgerKeeperTest {
    private final Ledger ledger = new Ledger();
    private final LedgerKeeper keeper = new LedgerKeeper(ledger);
    private final TunnelConnection connection = connection();

    static TunnelConnection connection() {
        return new TunnelConnection(
                UUID.randomUUID(),
                new TunnelConnection.Key(new TunnelId(UUID.randomUUID()), UUID.randomUUID(), 0),
                new ConnectionOptions(UUID.randomUUID(), List.of(), "1", "none", new byte[0], false, 0, 0),
                new TestTransport(),
                new LongAdder(),
                Instant.EPOCH,
                System::nanoTime);
    }

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
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.locals).containsExactly("{\"version\":9999}");
    }

    @Test
    void do04_howeverMuchThereIsToSayAHeartbeatDoesNotWaitForAllOfIt() {
        keeper.registered(connection); // the ledger takes its time over this one
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.writing.get() > 0);
        for (int i = 0; i < 10_000; i++) {
            keeper.configured(connection, i);
        }
        keeper.swapped(null);
        ledger.open.countDown();
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.versions.get())
                .as("versions written, for ten thousand that were told")
                .isLessThan(5);
    }

    @Test
    void tu02_whatTheDatabaseRefusesOfOneConnectorKeepsNobodyElsesWordNorTheHeartbeatFromBeingWritten() {
        ledger.open.countDown();
        TunnelConnection hostile = connection();
        TunnelConnection other = connection();
        ledger.refused.add(hostile.id());
        keeper.registered(hostile);
        keeper.registered(other);
        keeper.gone(hostile, "left");
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.noted).contains(other.id()).doesNotContain(hostile.id());
    }

    @Test
    void do04_whatComesAndGoesWhileTheDatabaseIsAwayIsNotWrittenAfterwards() {
        ledger.open.countDown();
        ledger.isAway = true;
        for (int i = 0; i < 50_000; i++) {
            TunnelConnection passing = connection();
            keeper.registered(passing);
            keeper.gone(passing, "left");
        }
        ledger.isAway = false;
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.beats.get() > 0);
        assertThat(ledger.closed).as("ends of what was never noted").isEmpty();
    }

    @Test
    void aRowThatNobodyHoldsIsStruckOutAtTheNextHeartbeat() {
        ledger.open.countDown();
        UUID leftover = UUID.randomUUID();
        ledger.noted.add(leftover);
        keeper.registered(connection);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.noted.contains(connection.id()));
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(30)).until(() -> !ledger.closed.isEmpty());
        assertThat(ledger.closed).containsExactly(leftover);
    }

    /** It closes in its own time, and would end twice in the history if another write put it back meanwhile. */
    @Test
    void aConnectionThatAnAdminDroppedIsNotWrittenDownAgainWhileItCloses() {
        ledger.open.countDown();
        keeper.registered(connection);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.noted.contains(connection.id()));
        ledger.noted.remove(connection.id());
        int beats = ledger.beats.get();
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.beats.get() > beats);
        TunnelConnection other = connection();
        keeper.registered(other);
        await().atMost(Duration.ofSeconds(30)).until(() -> ledger.noted.contains(other.id()));
        assertThat(connection.isUsable()).isFalse();
        assertThat(ledger.noted).doesNotContain(connection.id());
    }

    /** While the database takes its time, ends of others take up all the room there is for them. */
    @Test
    void do04_anEndThatWasOneTooManyToRememberIsStruckOutAtTheNextHeartbeat() {
        ledger.open.countDown();
        keeper.registered(connection);
        await().atMost(Duration.ofSeconds(5)).until(() -> ledger.noted.contains(connection.id()));
        ledger.open = new CountDownLatch(1);
        int written = ledger.writing.get();
        keeper.registered(connection());
        await().atMost(Duration.ofSeconds(5)).until(() -> ledger.writing.get() > written);
        for (int i = 0; i < 20_000; i++) {
            keeper.gone(connection(), "left");
        }
        keeper.gone(connection, "left");
        ledger.open.countDown();
        keeper.swapped(null);
        await().atMost(Duration.ofSeconds(5)).until(() -> !ledger.noted.contains(connection.id()));
    }

    private static final class Ledger implements TunnelLedger {
        final Set<UUID> refused = ConcurrentHashMap.newKeySet();
        final Set<UUID> noted = ConcurrentHashMap.newKeySet();
        final List<UUID> closed = new CopyOnWriteArrayList<>();
        volatile boolean isAway;
        volatile CountDownLatch open = new CountDownLatch(1);
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
            if (isAway) {
                throw new IllegalStateException("the database is away");
            }
            if (refused.contains(connection.id())) {
                throw new RefusedException(new IllegalArgumentException("a NUL"));
            }
            return noted.add(connection.id());
        }

        @Override
        public void closed(UUID connection, String reason, Traffic last) {
            noted.remove(connection);
            closed.add(connection);
        }

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
            return new Heartbeat(false, noted);
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
}
