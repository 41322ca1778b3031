package io.sallyport.tunnel.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all QUIC streams of a process may have standing open beyond the window that each has for itself (TU-06). QUIC's library widens
 * the window of a stream that is read fast, up to 16 MB, and never narrows it again: whoever then stops reading has all of that kept
 * here. So a stream asks before it is read so fast, and is read slower when the answer is no ({@link BodyReads}).
 *
 * <p>A window may be as wide as a part of what the others left, and no wider. One stream alone gets all that it can use; the more there are, the
 * less each may have, and however many there are, the next one finds something.
 */
public final class WideWindows {
    /** What a stream has for itself. */
    static final long OWN = 512 << 10;

    /** QUIC's library opens none wider. */
    static final long WIDEST = 16 << 20;

    private static final int PART = 4;

    private final long most;
    private final AtomicLong given = new AtomicLong();

    /** @param most bytes, of all streams together */
    public WideWindows(long most) {
        this.most = most;
    }

    /** Whether a window may be twice as wide; if so it is counted until it is {@link #narrow given back}. */
    boolean widen(long window) {
        for (long seen = given.get(); 2 * window <= (most - seen + window - OWN) / PART; seen = given.get()) {
            if (given.compareAndSet(seen, seen + window)) {
                return true;
            }
        }
        return false;
    }

    /** The stream with this window is over. */
    void narrow(long window) {
        given.addAndGet(OWN - window);
    }

    /** How much is given out. */
    public long given() {
        return given.get();
    }
}
