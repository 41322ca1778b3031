package io.sallyport.audit;

/**
 * Takes events from any thread without waiting, and hands them to the {@link AuditSink} in batches. A full queue drops the event
 * and counts it; traffic never waits for it.
 */
public interface AuditLog {
    /** Never blocks. */
    void offer(AuditEvent event);
}
