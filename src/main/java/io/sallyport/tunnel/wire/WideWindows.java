package io.sallyport.tunnel.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The budget by which the windows of all QUIC streams of a process may exceed their initial size (TU-06). The QUIC library widens the
 * window of a stream that is read fast, up to 16 MB, and never narrows it again. If the visitor then stops reading, that much data is
 * buffered here. So a stream must reserve budget before it is read that fast, and is read more slowly if there is none
 * ({@link BodyReads}).
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

    private final long most;
    private final AtomicLong given = new AtomicLong();

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

    /** Bytes that are reserved. */
    public long given() {
        return given.get();
    }
}
