package io.sallyport.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Who dials when, while a connector that was in service has no connection at all: one after the other, half a second apart more or
 * less, so that an edge that comes back is found within a second, however little luck there is. Left to its {@link Backoff} each
 * would dial as often, and now and then none for seconds. Jitter keeps a crowd of connectors from arriving together. Shared by
 * all connections.
 */
final class Turns {
    private static final long APART_MILLIS = 500;

    private final RandomGenerator random;
    private Instant last = Instant.MIN;

    Turns(RandomGenerator random) {
        this.random = random;
    }

    /** How long until the turn of who asks now. */
    synchronized Duration next(Instant now) {
        Instant soonest = now.plusMillis(random.nextLong(APART_MILLIS));
        Instant turn =
                last.equals(Instant.MIN) ? soonest : last.plusMillis(APART_MILLIS / 2 + random.nextLong(APART_MILLIS));
        last = turn.isBefore(soonest) ? soonest : turn;
        return Duration.between(now, last);
    }
}
