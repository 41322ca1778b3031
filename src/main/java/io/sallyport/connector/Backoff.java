package io.sallyport.connector;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: anything up to a bound that doubles from one second (tunnel-transport.md §10). For the
 * first minute of an outage the bound stays at four seconds, so that a restarted edge is found soon; jitter keeps a crowd of
 * connectors from arriving together. Not shared between threads.
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

    /** Whether it is rather an edge that restarts than one that is gone. */
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
