package io.sallyport.snapshot;

/** Told of every new snapshot. */
@FunctionalInterface
public interface SnapshotListener {
    /** Called after the swap. */
    void swapped(Snapshot snapshot);
}
