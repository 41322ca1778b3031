package io.sallyport.snapshot;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds the current snapshot. Accepts only newer ones, and tells its listeners after each swap. Also knows for how long nobody
 * could compare it with the database: past a bound the picture no longer counts (FC-02). That age is measured by a monotonic
 * clock, so a jump of the wall clock neither ages nor rejuvenates it (FC-07).
 */
public final class SnapshotHolder {
    private static final Duration DEFAULT_MAX_STALENESS = Duration.ofMinutes(15);
    private static final Duration STRICT_STALENESS = Duration.ofSeconds(60);

    private final AtomicReference<@Nullable Snapshot> current = new AtomicReference<>();
    private final List<SnapshotListener> listeners = new CopyOnWriteArrayList<>();
    private final Duration maxStaleness;
    private final LongSupplier nanoTime;
    private volatile long confirmedAt;

    /** A holder with the default bound of 15 minutes. */
    public SnapshotHolder() {
        this(DEFAULT_MAX_STALENESS, System::nanoTime);
    }

    /**
     * A holder.
     *
     * @param maxStaleness how long a picture counts that nobody could compare with the database
     * @param nanoTime a monotonic clock
     */
    public SnapshotHolder(Duration maxStaleness, LongSupplier nanoTime) {
        this.maxStaleness = maxStaleness;
        this.nanoTime = nanoTime;
        this.confirmedAt = nanoTime.getAsLong();
    }

    /** The current picture, null before the first was built. Called once per request, at the entrances only. */
    public @Nullable Snapshot current() {
        return current.get();
    }

    /** Whether the picture is too old to say yes to anyone: 503 for all but bypass (FC-02). */
    public boolean stale() {
        return age().compareTo(maxStaleness) > 0;
    }

    /** The same for one application, which may ask for more than the rest. */
    public boolean stale(Application application) {
        return stale() || (application.strictlyFresh() && age().compareTo(STRICT_STALENESS) > 0);
    }

    /** How long ago the picture was last known to be the newest. */
    public Duration age() {
        return Duration.ofNanos(nanoTime.getAsLong() - confirmedAt);
    }

    /** Calls the listener after every swap, on the swapping thread; listeners must be quick. */
    public void listen(SnapshotListener listener) {
        listeners.add(listener);
    }

    /**
     * Takes a picture unless it is older than the current one: one of a higher version, or of the same read again, which is how
     * revocations come, and go when they are forgotten. Who reads the database does so one after the other. Returns whether it did.
     */
    public synchronized boolean swap(Snapshot next) {
        Snapshot known = current.get();
        if (known != null && next.version() < known.version()) {
            return false;
        }
        current.set(next);
        confirmed();
        listeners.forEach(listener -> listener.swapped(next));
        return true;
    }

    /** The current picture was just found to be the newest. */
    void confirmed() {
        confirmedAt = nanoTime.getAsLong();
    }
}
