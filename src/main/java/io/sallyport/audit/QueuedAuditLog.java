package io.sallyport.audit;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** The audit log proper: a {@link BatchQueue} in front of the sink. */
final class QueuedAuditLog implements AuditLog, AutoCloseable {
    private static final int BATCH = 500;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final BatchQueue<AuditEvent> queue;

    QueuedAuditLog(AuditSink sink, int capacity, MeterRegistry meters) {
        this.queue = new BatchQueue<>(
                new BatchQueue.Settings(
                        "audit-log", "sallyport.audit", "authentication events", capacity, BATCH, RETRY),
                sink::store,
                meters);
    }

    @Override
    public void offer(AuditEvent event) {
        queue.offer(event);
    }

    /** Stores what is waiting, for at most five seconds. */
    @Override
    public void close() {
        queue.close();
    }
}
