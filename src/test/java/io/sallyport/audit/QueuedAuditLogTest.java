package io.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;

class QueuedAuditLogTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void eventsArriveInOrder() throws Exception {
        LinkedBlockingQueue<AuditEvent> stored = new LinkedBlockingQueue<>();
        try (QueuedAuditLog log = new QueuedAuditLog(stored::addAll, 100, meters)) {
            for (int i = 0; i < 10; i++) {
                log.offer(event("ray" + i));
            }
        }
        assertThat(stored)
                .extracting(each -> ((AuditEvent.Authentication) each).ray())
                .hasSize(10)
                .isSorted();
        assertThat(dropped()).isZero();
    }

    @Test
    void whatComesWithinAMomentIsStoredTogether() {
        LinkedBlockingQueue<Integer> batches = new LinkedBlockingQueue<>();
        try (QueuedAuditLog log = new QueuedAuditLog(batch -> batches.add(batch.size()), 100, meters)) {
            for (int i = 0; i < 10; i++) {
                log.offer(event("ray" + i));
            }
        }
        assertThat(batches).containsExactly(10);
    }

    @Test
    void r46AStuckSinkNeverHoldsUpTheCallerAndDropsAreCounted() {
        CountDownLatch stuck = new CountDownLatch(1);
        AtomicInteger stored = new AtomicInteger();
        QueuedAuditLog log = new QueuedAuditLog(
                batch -> {
                    try {
                        stuck.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                    stored.addAndGet(batch.size());
                },
                10,
                meters);
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            log.offer(event("ray" + i));
        }
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(2);
        stuck.countDown();
        log.close();
        assertThat(dropped()).as("what is neither stored nor counted is lost").isEqualTo(1000 - stored.get());
        assertThat(dropped()).isPositive();
    }

    @Test
    void aSinkThatFailsOnceGetsTheSameBatchAgain() {
        AtomicInteger attempts = new AtomicInteger();
        LinkedBlockingQueue<AuditEvent> stored = new LinkedBlockingQueue<>();
        try (QueuedAuditLog log = new QueuedAuditLog(
                batch -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("the database is away");
                    }
                    stored.addAll(batch);
                },
                100,
                meters)) {
            log.offer(event("ray"));
        }
        assertThat(stored).containsExactlyElementsOf(List.of(event("ray")));
        assertThat(dropped()).isZero();
    }

    /** One poisoned event must not blind the log to what comes after it. */
    @Test
    void whatCanNeverBeStoredIsDroppedAloneAndKeepsNothingFromBeingStored() {
        LinkedBlockingQueue<String> stored = new LinkedBlockingQueue<>();
        try (QueuedAuditLog log = new QueuedAuditLog(
                batch -> {
                    List<String> rays = batch.stream()
                            .map(each -> ((AuditEvent.Authentication) each).ray())
                            .toList();
                    if (rays.contains("ray4")) {
                        throw new DataIntegrityViolationException("invalid byte sequence for encoding \"UTF8\": 0x00");
                    }
                    stored.addAll(rays);
                },
                100,
                meters)) {
            for (int i = 0; i < 9; i++) {
                log.offer(event("ray" + i));
            }
        }
        assertThat(stored).containsExactly("ray0", "ray1", "ray2", "ray3", "ray5", "ray6", "ray7", "ray8");
        assertThat(dropped()).isEqualTo(1);
    }

    private double dropped() {
        return meters.get("sallyport.audit.dropped").counter().count();
    }

    private static AuditEvent.Authentication event(String ray) {
        return new AuditEvent.Authentication(
                Instant.EPOCH, ray, "login", true, "allowed_by_policy", null, null, null, null, null, null, null, null);
    }
}
