package io.sallyport.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;

/**
 * A bounded queue and a thread that moves its entries to a store, in batches and in order. When the store fails, the
 * batch is retried until it succeeds; the queue fills meanwhile, and what no longer fits is dropped and counted, so
 * that an outage of the database costs history but never delays traffic. An entry that the store refuses because
 * of its content is singled out, dropped and counted, so that it does not block later entries.
 *
 * @param <E> what is stored
 */
public final class BatchQueue<E> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchQueue.class);
    private static final Duration LAST_CALL = Duration.ofSeconds(5);

    /** How long the first of a batch waits for others, because a transaction for each would cost a busy database more than the rows. */
    private static final Duration GATHERING = Duration.ofMillis(100);

    private final BlockingQueue<E> queue;
    private final Settings settings;
    private final Consumer<List<E>> store;
    private final Counter dropped;
    private final Thread carrier;
    private volatile boolean closing;

    /**
     * The settings of a queue.
     *
     * @param name of the thread, {@code audit-log}
     * @param meters prefix of its metrics, such as {@code sallyport.audit}
     * @param contents what its entries are, for log messages
     * @param capacity most entries that may wait
     * @param batch entries stored at once
     * @param retry the pause after the store failed
     */
    public record Settings(String name, String meters, String contents, int capacity, int batch, Duration retry) {}

    /**
     * Starts carrying.
     *
     * @param store takes a batch in order or throws; called from the queue's own thread, where it may block
     */
    public BatchQueue(Settings settings, Consumer<List<E>> store, MeterRegistry meters) {
        this.queue = new ArrayBlockingQueue<>(settings.capacity());
        this.settings = settings;
        this.store = store;
        this.dropped = Counter.builder(settings.meters() + ".dropped")
                .description(settings.contents() + " that found the queue full")
                .register(meters);
        Gauge.builder(settings.meters() + ".queue", queue, BlockingQueue::size)
                .description(settings.contents() + " waiting to be stored")
                .register(meters);
        this.carrier = Thread.ofVirtual().name(settings.name()).start(this::carry);
    }

    /** Takes one unless the queue is full. Never blocks. */
    public boolean offer(E each) {
        boolean taken = queue.offer(each);
        if (!taken) {
            dropped.increment();
        }
        return taken;
    }

    /** Stores what is waiting, for at most five seconds. */
    @Override
    public void close() {
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
        List<E> batch = new ArrayList<>(settings.batch());
        try {
            while (!closing || !queue.isEmpty()) {
                E first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    if (!closing && queue.size() < settings.batch()) {
                        TimeUnit.MILLISECONDS.sleep(GATHERING.toMillis());
                    }
                    queue.drainTo(batch, settings.batch() - 1);
                    store(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException ended) {
            dropped.increment(batch.size() + queue.size());
        }
    }

    private void store(List<E> batch) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                store.accept(List.copyOf(batch));
                return;
            } catch (DataIntegrityViolationException unstorable) {
                storeAllBut(batch, unstorable);
                return;
            } catch (RuntimeException failed) {
                if (attempt == 1) {
                    LOG.warn("the {} cannot be stored, trying again: {}", settings.contents(), failed.getMessage());
                }
                TimeUnit.MILLISECONDS.sleep(settings.retry().toMillis());
            }
        }
    }

    private void storeAllBut(List<E> batch, DataIntegrityViolationException unstorable) throws InterruptedException {
        int half = batch.size() / 2;
        if (half == 0) {
            dropped.increment();
            LOG.error(
                    "one of the {} can never be stored and is dropped: {}",
                    settings.contents(),
                    unstorable.getMostSpecificCause().getMessage());
            return;
        }
        store(batch.subList(0, half));
        store(batch.subList(half, batch.size()));
    }
}
