package io.sallyport.connector;

import org.jspecify.annotations.Nullable;

/**
 * The remote reader of the log: one at a time, because a reader costs time at every request. A second session of the
 * same person replaces the first one, as in cloudflared; one of another person is refused.
 */
final class LogReaders implements ConnectorLog.Reader {
    private final ConnectorLog log;
    private final ConnectorMetrics metrics;
    /** Changed under this object's lock, read by every thread that logs. */
    private volatile @Nullable LogSession active;

    LogReaders(ConnectorLog log, ConnectorMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /** Lets a session read, unless another person is reading. */
    synchronized boolean begin(LogSession session) {
        LogSession before = active;
        if (before != null && before != session) {
            if (!before.actor().equals(session.actor())) {
                return false;
            }
            before.replaced();
        }
        active = session;
        log.read(this);
        return true;
    }

    synchronized void end(LogSession session) {
        if (active == session) {
            active = null;
            log.read(null);
        }
    }

    @Override
    public void take(LogLine line) {
        LogSession session = active;
        if (session != null && !session.offer(line)) {
            metrics.logLineDropped();
        }
    }
}
