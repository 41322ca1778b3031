package io.sallyport.audit;

import java.util.List;

/** Where events end up. Blocking; called from the audit log's own thread. */
interface AuditSink {
    /** Stores a batch in order. */
    void store(List<AuditEvent> batch);
}
