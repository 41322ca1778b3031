package io.sallyport.connector;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pause before the next attempt: random, up to a bound that begins at one second and doubles. In the
 * first minute of an outage the bound does not exceed four seconds, so that a restarted edge is found soon. The randomness prevents
 * many connectors from connecting at the same time. Not thread-safe.
 */
final class Backoff {
    private static final Duration SHORT_OUTAGE = Duration.ofSeconds(60);
    private static final int SHORT_DOUBLINGS = 2;

    private final int mostDoublings;
    private final RandomGenerator random;
    private int attempts;

    /** @param mostDoublings 5 for at most 32 seconds */
    Backoff(int mostDoublings, RandomGenerator random) {
        this.mostDoublings = Math.clamp(mostDoublings, 0, 10);
        this.random = random;
    }

    /** @param outage how long there has been no connection */
    Duration next(Duration outage) {
        int most = isShort(outage) ? Math.min(SHORT_DOUBLINGS, mostDoublings) : mostDoublings;
        long bound = 1000L << Math.min(attempts, most);
        attempts++;
        return Duration.ofMillis(random.nextLong(bound));
    }

    /** Whether the edge is probably restarting, rather than gone for long. */
    static boolean isShort(Duration outage) {
        return outage.compareTo(SHORT_OUTAGE) < 0;
    }

    /** Attempts since the last success. */
    int attempts() {
        return attempts;
    }

    void succeeded() {
        attempts = 0;
    }
}
