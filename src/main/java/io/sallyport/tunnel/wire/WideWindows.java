package io.sallyport.tunnel.wire;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the QUIC streams of a process share: the budget by which all their windows may exceed their initial size (TU-06), and the time
 * at which the last request began. The QUIC library widens the window of a stream that is read fast, up to 16 MB, and never narrows it
 * again. If the visitor then stops reading, that much data is buffered here. So a stream must reserve budget before it is read that
 * fast, and is read more slowly if there is none ({@link BodyReads}).
 *
 * <p>A window may be as wide as a quarter of what the other streams have left of the budget. So a single stream gets as much as it can
 * use, each of many streams gets less, and there is always something left for the next one.
 */
public final class WideWindows {
    /** Initial window of each stream, which does not count against the budget. */
    static final long OWN = 512 << 10;

    /** The widest window of the QUIC library. */
    static final long WIDEST = 16 << 20;

    private static final int PART = 4;

    /** How long after a request has begun the process counts as busy. */
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long most;
    private final AtomicLong given = new AtomicLong();
    private volatile long beganAt = System.nanoTime() - BUSY_NANOS;

    /** @param most budget in bytes for all streams together */
    public WideWindows(long most) {
        this.most = most;
    }

    /** Whether a window may double its size. If so, the increase is reserved until it is {@link #narrow given back}. */
    boolean widen(long window) {
        for (long seen = given.get(); 2 * window <= (most - seen + window - OWN) / PART; seen = given.get()) {
            if (given.compareAndSet(seen, seen + window)) {
                return true;
            }
        }
        return false;
    }

    /** Gives back the reservation of a stream that has ended. */
    void narrow(long window) {
        given.addAndGet(OWN - window);
    }

    /**
     * Notes that a request begins.
     *
     * @param now as {@link System#nanoTime}
     */
    void began(long now) {
        if (now - beganAt > BUSY_NANOS / 10) { // seldom, because all event loops share it
            beganAt = now;
        }
    }

    /** Whether a request began in the last 100 ms, so that others are likely to follow. */
    boolean isBusy(long now) {
        return now - beganAt < BUSY_NANOS;
    }

    /** Bytes that are reserved. */
    public long given() {
        return given.get();
    }
}
