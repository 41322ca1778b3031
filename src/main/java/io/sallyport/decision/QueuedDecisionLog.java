package io.sallyport.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.decision.Decided.Outcome;
import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decision log proper: folds equal decisions, queues the rest, and lets one thread of its own explain and store them. A full
 * queue drops and counts; traffic never waits.
 *
 * <p><b>What is one decision.</b> Two decisions are equal when the same session (or service token, or nobody) came from the same
 * address to the same application under the same configuration version, and the outcome, its reason and the deciding policy agree:
 * then everything that went into them agrees too, and one tree explains both. For as long as {@code sallyport.decisions.fold} the
 * first stands for all; the others add to its {@code repeats}, and the access log names it in their {@code decision_id}. So 2,000
 * requests a second of a busy office become a row a minute for each person and application, while whatever differs in any of
 * these has a row of its own.
 *
 * <p><b>Refusals</b> are read out to an administrator from the page, by the ray id of the very request. So the first
 * {@value #REFUSALS_BY_NAME} equal ones of an interval each get a row that points to the first; beyond that they fold too.
 */
final class QueuedDecisionLog implements DecisionLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedDecisionLog.class);
    private static final int BATCH = 200;
    private static final int REFUSALS_BY_NAME = 20;
    private static final long MOST_OPEN = 50_000;
    private static final Duration LAST_CALL = Duration.ofSeconds(5);

    private final BlockingQueue<Entry> queue;
    private final DecisionSink sink;
    private final Duration retry;
    private final Counter dropped;
    private final Counter folded;
    private final Cache<Same, First> open;
    private final Thread carrier;
    private volatile boolean closing;

    QueuedDecisionLog(DecisionSink sink, int capacity, Duration fold, Duration retry, MeterRegistry meters) {
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.sink = sink;
        this.retry = retry;
        this.dropped = Counter.builder("sallyport.decisions.dropped")
                .description("decisions that found the queue full")
                .register(meters);
        this.folded = Counter.builder("sallyport.decisions.folded")
                .description("decisions that an equal one shortly before stands for")
                .register(meters);
        Gauge.builder("sallyport.decisions.queue", queue, BlockingQueue::size)
                .description("decisions waiting to be stored")
                .register(meters);
        this.open = Caffeine.newBuilder()
                .maximumSize(MOST_OPEN)
                .expireAfterWrite(fold)
                .executor(Runnable::run)
                .scheduler(Scheduler.systemScheduler())
                .removalListener(this::ended)
                .build();
        this.carrier = Thread.ofVirtual().name("decision-log").start(this::carry);
    }

    /** What goes to the sink. */
    sealed interface Entry {
        /** The first of its kind. */
        record Whole(Decided decided) implements Entry {}

        /** An equal refusal, findable by its own ray id. */
        record Again(Decided decided, String first) implements Entry {}

        /** How many more there were of one, when its interval is over. */
        record Repeats(String first, int count) implements Entry {}
    }

    private record Same(
            AppId application,
            long version,
            Outcome outcome,
            String reason,
            @Nullable PolicyId policy,
            @Nullable IdentityNonce session,
            @Nullable ServiceTokenId service,
            @Nullable CertificateIdentity certificate,
            String standing,
            Decided.Place place,
            InetAddress client) {
        static Same of(Decided decided) {
            ServiceIdentity service = decided.asked().service();
            return new Same(
                    decided.application().id(),
                    decided.version(),
                    decided.outcome(),
                    decided.reason(),
                    decided.decision().reason().policy(),
                    decided.nonce(),
                    service == null ? null : service.id(),
                    decided.asked().certificate(),
                    decided.session(),
                    decided.place(),
                    decided.asked().client());
        }
    }

    /** The decision that stands for its equals. */
    private record First(String ray, AtomicInteger repeats) {}

    @Override
    public String offer(Decided decided) {
        Same same = Same.of(decided);
        First mine = new First(decided.ray(), new AtomicInteger());
        First known = open.getIfPresent(same);
        if (known == null) {
            known = open.asMap().putIfAbsent(same, mine);
        }
        if (known == null) {
            if (!enqueue(new Entry.Whole(decided))) {
                open.asMap().remove(same, mine); // the next of its kind tries again
            }
            return decided.ray();
        }
        int repeats = known.repeats.incrementAndGet();
        folded.increment();
        if (decided.outcome() == Outcome.DENIED && repeats <= REFUSALS_BY_NAME) {
            enqueue(new Entry.Again(decided, known.ray));
        }
        return known.ray;
    }

    private boolean enqueue(Entry entry) {
        boolean taken = queue.offer(entry);
        if (!taken) {
            dropped.increment();
        }
        return taken;
    }

    private void ended(@Nullable Same same, @Nullable First first, RemovalCause cause) {
        if (first != null && cause.wasEvicted() && first.repeats.get() > 0) {
            enqueue(new Entry.Repeats(first.ray, first.repeats.get()));
        }
    }

    /** Stores what is waiting, for at most five seconds. */
    @Override
    public void close() {
        open.asMap().forEach((same, first) -> ended(same, first, RemovalCause.EXPIRED));
        closing = true;
        try {
            if (!carrier.join(LAST_CALL)) {
                carrier.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void carry() {
        List<Entry> batch = new ArrayList<>(BATCH);
        try {
            while (!closing || !queue.isEmpty()) {
                Entry first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                    store(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException ended) {
            dropped.increment(batch.size() + queue.size());
        }
    }

    private void store(List<Entry> batch) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                sink.store(List.copyOf(batch));
                return;
            } catch (RuntimeException failed) {
                if (attempt == 1) {
                    LOG.warn("Decisions cannot be stored, trying on: {}", failed.getMessage());
                }
                TimeUnit.MILLISECONDS.sleep(retry.toMillis());
            }
        }
    }
}
