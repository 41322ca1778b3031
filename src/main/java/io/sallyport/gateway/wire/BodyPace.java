package io.sallyport.gateway.wire;

import java.time.Duration;

/**
 * Measures whether a client sends its request body fast enough (DO-01). Only the time during which we waited for the
 * client counts; a slow origin is not the client's fault.
 */
final class BodyPace {
    private final double leastPerNano;
    private final long windowNanos;
    private long waited;
    private long received;

    /**
     * @param leastPerSecond bytes
     * @param window the time over which the rate is measured
     */
    BodyPace(long leastPerSecond, Duration window) {
        this.leastPerNano = leastPerSecond / 1e9;
        this.windowNanos = window.toNanos();
    }

    void received(int bytes) {
        received += bytes;
    }

    void waited(long nanos) {
        waited += nanos;
    }

    /** Whether too few bytes arrived in a whole window of waiting. Starts a new window when one has ended. */
    boolean isTooSlow() {
        if (waited < windowNanos) {
            return false;
        }
        boolean slow = received < leastPerNano * waited;
        waited = 0;
        received = 0;
        return slow;
    }
}
