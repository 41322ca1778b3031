package io.sallyport.snapshot;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Holds the current snapshot. Accepts only newer ones, and tells its listeners after each swap. */
public final class SnapshotHolder {
    private final AtomicReference<@Nullable Snapshot> current = new AtomicReference<>();
    private final List<SnapshotListener> listeners = new CopyOnWriteArrayList<>();

    /** The current picture, null before the first was built. Called once per request, at the entrances only. */
    public @Nullable Snapshot current() {
        return current.get();
    }

    /** Calls the listener after every swap, on the swapping thread; listeners must be quick. */
    public void listen(SnapshotListener listener) {
        listeners.add(listener);
    }
}
