package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.identity.TunnelId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TunnelMetricsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TunnelDirectory directory = new TunnelDirectory();
    private final Set<TunnelId> deleted = ConcurrentHashMap.newKeySet();
    private final TunnelMetrics metrics = new TunnelMetrics(meters, directory, tunnel -> !deleted.contains(tunnel));

    @Test
    void metersOfADeletedTunnelAreTakenAwayAndThoseOfOthersStay() {
        TunnelConnection gone = connected();
        TunnelConnection staying = connected();
        disconnect(gone);
        assertThat(metersOf(gone.tunnel())).hasSize(5);

        delete(gone.tunnel());

        assertThat(metersOf(gone.tunnel())).isEmpty();
        assertThat(metersOf(staying.tunnel())).hasSize(4);
    }

    @Test
    void aTunnelThatIsDeletedKeepsItsMetersUntilItsLastConnectionHasGone() {
        TunnelConnection connection = connected();
        delete(connection.tunnel());
        metrics.failed(connection, TunnelFailure.lost());
        assertThat(metersOf(connection.tunnel())).hasSize(5);

        disconnect(connection);
        metrics.failed(connection, TunnelFailure.lost());

        assertThat(metersOf(connection.tunnel()))
                .as("and what comes late makes none")
                .isEmpty();
    }

    @Test
    void aTunnelWithoutConnectionsKeepsItsMeters() {
        TunnelConnection connection = connected();
        disconnect(connection);
        metrics.swapped(null);
        assertThat(metersOf(connection.tunnel())).hasSize(5);
    }

    @Test
    void whateverHappensAtTheSameTimeNothingIsLeft() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            TunnelConnection connection = connected();
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> all = Stream.<Runnable>of(
                            () -> delete(connection.tunnel()),
                            () -> metrics.failed(connection, TunnelFailure.lost()),
                            () -> disconnect(connection))
                    .map(step -> Thread.ofVirtual().start(() -> {
                        awaitStart(go);
                        step.run();
                    }))
                    .toList();
            go.countDown();
            for (Thread each : all) {
                each.join();
            }
            assertThat(metersOf(connection.tunnel())).isEmpty();
        }
    }

    private static void awaitStart(CountDownLatch go) {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private TunnelConnection connected() {
        TunnelConnection connection = LedgerKeeperTest.connection();
        metrics.requests(connection.tunnel());
        directory.add(connection);
        metrics.registered(connection);
        return connection;
    }

    private void disconnect(TunnelConnection connection) {
        directory.remove(connection);
        metrics.gone(connection, "left");
    }

    private void delete(TunnelId tunnel) {
        deleted.add(tunnel);
        metrics.swapped(null);
    }

    private Set<String> metersOf(TunnelId tunnel) {
        Set<String> names = new HashSet<>();
        meters.getMeters().stream()
                .map(meter -> meter.getId())
                .filter(id -> tunnel.toString().equals(id.getTag("tunnel")))
                .forEach(id -> names.add(id.toString()));
        return names;
    }
}
