package io.sallyport.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.decision.Decided.Outcome;
import io.sallyport.decision.QueuedDecisionLog.Entry;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Application;
import io.sallyport.testkit.TestApplication;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QueuedDecisionLogTest {
    private static final Application WIKI = TestApplication.wiki().build();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LinkedBlockingQueue<Entry> stored = new LinkedBlockingQueue<>();

    private QueuedDecisionLog log(DecisionSink sink, int capacity) {
        return new QueuedDecisionLog(sink, capacity, Duration.ofHours(1), Duration.ofMillis(1), meters);
    }

    @Test
    void equalDecisionsAreOneThatKnowsHowManyTheyWere() {
        String id;
        try (QueuedDecisionLog log = log(stored::addAll, 100)) {
            id = log.offer(decided("first", Outcome.ALLOWED, 1, "10.0.0.1"));
            for (int i = 0; i < 2000; i++) {
                assertThat(log.offer(decided("ray" + i, Outcome.ALLOWED, 1, "10.0.0.1")))
                        .isEqualTo(id);
            }
        }
        assertThat(id).isEqualTo("first");
        assertThat(stored).hasSize(2);
        assertThat(stored.peek()).isInstanceOf(Entry.Whole.class);
        assertThat(stored).last().isEqualTo(new Entry.Repeats("first", 2000));
    }

    @Test
    void whateverDiffersIsADecisionOfItsOwn() {
        try (QueuedDecisionLog log = log(stored::addAll, 100)) {
            for (Decided each : List.of(
                    decided("a", Outcome.ALLOWED, 1, "10.0.0.1"),
                    decided("b", Outcome.DENIED, 1, "10.0.0.1"),
                    decided("c", Outcome.ALLOWED, 2, "10.0.0.1"),
                    decided("d", Outcome.ALLOWED, 1, "10.0.0.2"))) {
                assertThat(log.offer(each)).isEqualTo(each.ray());
            }
        }
        assertThat(stored).hasSize(4).allMatch(Entry.Whole.class::isInstance);
    }

    @Test
    void aRefusalCanBeFoundByTheRayOfItsVeryPageAndAFloodOfThemCannotFillTheTable() {
        try (QueuedDecisionLog log = log(stored::addAll, 10_000)) {
            for (int i = 0; i < 1000; i++) {
                log.offer(decided("ray" + i, Outcome.DENIED, 1, "10.0.0.1"));
            }
        }
        assertThat(stored.stream().filter(Entry.Again.class::isInstance)).hasSize(20);
        assertThat(stored).hasSize(22).last().isEqualTo(new Entry.Repeats("ray0", 999));
    }

    @Test
    void r46AStuckSinkNeverHoldsUpTheCallerAndDropsAreCounted() {
        CountDownLatch stuck = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        QueuedDecisionLog log = log(
                batch -> {
                    try {
                        stuck.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                    count.addAndGet(batch.size());
                },
                10);
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            log.offer(decided("ray" + i, Outcome.ALLOWED, i, "10.0.0.1"));
        }
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(2);
        stuck.countDown();
        log.close();
        assertThat(dropped()).as("what is neither stored nor counted is lost").isEqualTo(1000 - count.get());
        assertThat(dropped()).isPositive();
    }

    @Test
    void aSinkThatFailsOnceGetsTheSameBatchAgain() {
        AtomicInteger attempts = new AtomicInteger();
        try (QueuedDecisionLog log = log(
                batch -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("the database is away");
                    }
                    stored.addAll(batch);
                },
                100)) {
            log.offer(decided("ray", Outcome.ALLOWED, 1, "10.0.0.1"));
        }
        assertThat(stored).hasSize(1);
        assertThat(dropped()).isZero();
    }

    private double dropped() {
        return meters.get("sallyport.decisions.dropped").counter().count();
    }

    private static Decided decided(String ray, Outcome outcome, long version, String client) {
        AccessRequest asked =
                new AccessRequest(InetAddress.ofLiteral(client), null, null, null, new Subject.Anonymous());
        return new Decided(
                Instant.EPOCH,
                ray,
                version,
                WIKI,
                asked,
                WIKI.policy().decide(asked),
                outcome,
                "no_policies",
                "absent",
                Decided.Place.GATE,
                "GET",
                "wiki.example.com",
                "/",
                null,
                null);
    }
}
