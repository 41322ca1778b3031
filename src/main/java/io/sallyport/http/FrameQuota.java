package io.sallyport.http;

import java.time.Duration;

/** Limits the frames of one kind on a connection per window of time. Not shared between threads. */
public final class FrameQuota {
    private final int most;
    private final long windowNanos;
    private long begun = System.nanoTime();
    private int count;

    /** @param most frames in each window */
    public FrameQuota(int most, Duration window) {
        this.most = most;
        this.windowNanos = window.toNanos();
    }

    /** Counts a frame; false when the limit is exceeded. */
    public boolean admitsOneMore() {
        long now = System.nanoTime();
        if (now - begun > windowNanos) {
            begun = now;
            count = 0;
        }
        return ++count <= most;
    }
}
