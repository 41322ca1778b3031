package io.sallyport.gateway.wire;

import java.time.Duration;

/**
 * Whether a client that may send its body does send it (DO-01). Only time in which it was the client's turn counts: an origin that
 * reads slowly is not its fault.
 */
final class BodyPace {
    private final double leastPerNano;
    private final long windowNanos;
    private long waited;
    private long received;

    /** @param window the rate is asked for over this time */
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

    /** Whether a whole window of waiting brought too little; begins a new window when one is over. */
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
