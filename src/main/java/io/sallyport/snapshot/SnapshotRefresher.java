package io.sallyport.snapshot;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the picture current, on a thread of its own. A notice only wakes it; what to do it finds by comparing two numbers with the
 * database, so a lost notice costs one poll interval, a doubled one costs one query, and a burst is folded into one rebuild. When
 * the database does not answer, the last good picture stays and grows old.
 */
final class SnapshotRefresher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRefresher.class);

    private final SnapshotLoader loader;
    private final SnapshotBuilder builder;
    private final SnapshotHolder holder;
    private final Duration poll;
    private final Timer builds;
    private final Counter failures;
    private final AtomicInteger closedApplications = new AtomicInteger();
    private final Semaphore wakes = new Semaphore(0);
    private volatile List<ConfigProblem> problems = List.of();
    private volatile @Nullable String lastFailure;
    private @Nullable Thread thread;

    /** @param poll how often the database is compared with, whatever was announced */
    SnapshotRefresher(
            SnapshotLoader loader,
            SnapshotBuilder builder,
            SnapshotHolder holder,
            Duration poll,
            MeterRegistry meters) {
        this.loader = loader;
        this.builder = builder;
        this.holder = holder;
        this.poll = poll;
        this.builds = Timer.builder("sallyport.snapshot.build")
                .description("reading and compiling the whole configuration")
                .publishPercentileHistogram(false)
                .register(meters);
        this.failures = Counter.builder("sallyport.snapshot.failures")
                .description("attempts to compare or rebuild that failed")
                .register(meters);
        Gauge.builder("sallyport.snapshot.version", holder, SnapshotRefresher::versionOf)
                .description("configuration version in force, 0 before the first")
                .register(meters);
        Gauge.builder("sallyport.snapshot.age", holder, h -> h.age().toNanos() / 1e9)
                .baseUnit("seconds")
                .description("time since the picture was last known to be the newest")
                .register(meters);
        Gauge.builder("sallyport.snapshot.closed.applications", closedApplications, AtomicInteger::get)
                .description("applications closed because their stored configuration cannot be compiled")
                .register(meters);
    }

    /** Something may have changed. Never blocks. */
    void wake() {
        wakes.release();
    }

    /** What could not take part in the current picture. */
    List<ConfigProblem> problems() {
        return problems;
    }

    /** Why the last attempt failed; null when it did not. */
    @Nullable
    String lastFailure() {
        return lastFailure;
    }

    /** Begins to follow the database. */
    synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("snapshot-refresher").start(this::follow);
        }
    }

    /** Ends following; the picture stays. */
    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.interrupt();
            thread = null;
        }
    }

    /** Compares with the database once, and rebuilds what is behind. */
    synchronized void refresh() {
        Snapshot known = holder.current();
        if (known == null) {
            rebuild(null);
            return;
        }
        SnapshotLoader.Marks newest = loader.marks();
        if (newest.version() > known.version()) {
            rebuild(known);
        } else if (newest.revocations() != known.revocations().mark()) {
            holder.swap(known.withRevocations(loader.revocations()));
        } else {
            holder.confirmed();
        }
    }

    private void rebuild(@Nullable Snapshot known) {
        long start = System.nanoTime();
        SnapshotBuilder.Built built = builder.build(known);
        report(built);
        holder.swap(built.snapshot());
        builds.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        LOG.debug("Configuration version {} in force", built.snapshot().version());
    }

    private void report(SnapshotBuilder.Built built) {
        closedApplications.set(built.closedApplications());
        if (!built.problems().equals(problems)) {
            built.problems().forEach(problem -> LOG.warn("Closed until it is corrected: {}", problem));
        }
        problems = built.problems();
    }

    private void follow() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                wakes.tryAcquire(poll.toMillis(), TimeUnit.MILLISECONDS);
                wakes.drainPermits();
                refresh();
                if (lastFailure != null) {
                    LOG.info("The configuration can be read again");
                    lastFailure = null;
                }
            } catch (InterruptedException closed) {
                return;
            } catch (RuntimeException failed) {
                failures.increment();
                if (lastFailure == null) {
                    LOG.warn("The configuration cannot be read, the last one stays in force: {}", failed.toString());
                }
                lastFailure = String.valueOf(failed.getMessage());
            }
        }
    }

    private static double versionOf(SnapshotHolder holder) {
        Snapshot current = holder.current();
        return current == null ? 0 : current.version();
    }
}
