package io.sallyport.gateway;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Comparator;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether live objects leave too little of the heap for more work (DO-06). Then new requests are refused, so that
 * running ones can finish and free their memory, before an OutOfMemoryError hits an arbitrary thread.
 */
final class HeapWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HeapWatch.class);
    /** Part of the old generation that live objects may fill, measured after a collection. */
    private static final double FULL = 0.92;

    private static final long BETWEEN_LOOKS = Duration.ofMillis(200).toNanos();

    private final DoubleSupplier alive;
    private volatile long looked;
    private volatile boolean full;

    /** @param alive the part of the heap that the last collection found in use, 0 to 1 */
    HeapWatch(DoubleSupplier alive) {
        this.alive = alive;
        this.looked = System.nanoTime() - BETWEEN_LOOKS;
    }

    /** The watch of this process's heap. */
    static HeapWatch ofThisProcess() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
                .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()))
                .map(pool -> new HeapWatch(() -> alive(pool)))
                .orElseThrow(() -> new IllegalStateException("this Java has no pool for long-lived objects"));
    }

    /**
     * The smaller of two values: the current use, which counts garbage too, and what the last collection of the pool
     * left, which may be old.
     */
    private static double alive(MemoryPoolMXBean pool) {
        MemoryUsage now = pool.getUsage();
        MemoryUsage collected = pool.getCollectionUsage();
        long used = collected == null ? now.getUsed() : Math.min(now.getUsed(), collected.getUsed());
        return now.getMax() <= 0 ? 0 : (double) used / now.getMax();
    }

    /** Whether the heap is full. Measures at most five times a second and returns the last result in between. */
    boolean isFull() {
        long now = System.nanoTime();
        if (now - looked >= BETWEEN_LOOKS) {
            looked = now;
            look();
        }
        return full;
    }

    private void look() {
        double part = alive.getAsDouble();
        boolean was = full;
        full = part > FULL;
        if (full && !was) {
            LOG.error(
                    "the heap is full ({} % in use after a collection): new requests are refused with 503",
                    percent(part));
        } else if (was && !full) {
            LOG.warn("the heap has room again ({} % in use): requests are taken as before", percent(part));
        }
    }

    private static long percent(double part) {
        return Math.round(part * 100);
    }
}
