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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log proper: a bounded queue and one thread that carries it to the sink. When the sink fails, the batch is tried again
 * until it is taken, the queue fills behind it, and what no longer fits is dropped and counted: a dead database costs history,
 * never traffic.
 */
final class QueuedAuditLog implements AuditLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedAuditLog.class);
    private static final int BATCH = 500;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_CALL = Duration.ofSeconds(5);

    private final BlockingQueue<AuditEvent> queue;
    private final AuditSink sink;
    private final Counter dropped;
    private final Thread carrier;
    private volatile boolean closing;

    QueuedAuditLog(AuditSink sink, int capacity, MeterRegistry meters) {
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.sink = sink;
        this.dropped = Counter.builder("sallyport.audit.dropped")
                .description("events that found the queue full")
                .register(meters);
        Gauge.builder("sallyport.audit.queue", queue, BlockingQueue::size)
                .description("events waiting to be stored")
                .register(meters);
        this.carrier = Thread.ofVirtual().name("audit-log").start(this::carry);
    }

    @Override
    public void offer(AuditEvent event) {
        if (!queue.offer(event)) {
            dropped.increment();
        }
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
        List<AuditEvent> batch = new ArrayList<>(BATCH);
        try {
            while (!closing || !queue.isEmpty()) {
                AuditEvent first = queue.poll(100, TimeUnit.MILLISECONDS);
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

    private void store(List<AuditEvent> batch) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                sink.store(List.copyOf(batch));
                return;
            } catch (RuntimeException failed) {
                if (attempt == 1) {
                    LOG.warn("Authentication events cannot be stored, trying on: {}", failed.getMessage());
                }
                TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
            }
        }
    }
}
