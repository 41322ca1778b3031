package io.sallyport.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Schedules attempts while a connector that was registered has lost all its connections. The connections take turns, about half a
 * second apart, so that an edge that comes back is found within a second. With their own {@link Backoff} they would dial equally often
 * on average, but sometimes none would dial for seconds. The randomness prevents many connectors from connecting at the same time
 * . Shared by all connections.
 */
final class Turns {
    private static final long APART_MILLIS = 500;

    private final RandomGenerator random;
    private Instant last = Instant.MIN;

    Turns(RandomGenerator random) {
        this.random = random;
    }

    /** The pause until the caller's turn. */
    synchronized Duration next(Instant now) {
        Instant soonest = now.plusMillis(random.nextLong(APART_MILLIS));
        Instant turn =
                last.equals(Instant.MIN) ? soonest : last.plusMillis(APART_MILLIS / 2 + random.nextLong(APART_MILLIS));
        last = turn.isBefore(soonest) ? soonest : turn;
        return Duration.between(now, last);
    }
}
