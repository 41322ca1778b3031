package io.sallyport.tunnel;

import io.sallyport.snapshot.NoticeListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads which replica holds connections of which tunnel, whenever somebody announces a change, and on a timer, because a notice may
 * be lost. A burst of notices is one reading. While the database does not answer, what was read last stays in force.
 */
final class ReplicaWatch implements NoticeListener {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);
    /** Announced by the database itself when a connection is noted or struck out. */
    private static final String CHANNEL = "sallyport_tunnels";

    private static final Duration PERIOD = Duration.ofSeconds(3);

    /** What runs between start and stop. */
    private record Running(ScheduledExecutorService reader, Consumer<List<TunnelLedger.Elsewhere>> directory) {}

    private final TunnelLedger ledger;
    private final AtomicBoolean isDue = new AtomicBoolean();
    private volatile @Nullable Running running;

    ReplicaWatch(TunnelLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public String channel() {
        return CHANNEL;
    }

    @Override
    public void noticed() {
        Running now = running;
        if (now != null && !now.reader().isShutdown() && !isDue.getAndSet(true)) {
            now.reader().execute(() -> read(now.directory()));
        }
    }

    /** @param directory told what was read, on the watch's own thread, which may wait */
    void start(Consumer<List<TunnelLedger.Elsewhere>> directory) {
        ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("replica-watch").factory());
        running = new Running(reader, directory);
        reader.scheduleAtFixedRate(() -> read(directory), 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void read(Consumer<List<TunnelLedger.Elsewhere>> directory) {
        isDue.set(false);
        try {
            directory.accept(ledger.elsewhere());
        } catch (RuntimeException e) {
            LOG.info("the directory of connections does not answer, the last one stays: {}", e.toString());
        }
    }

    /** Waits a moment for a reading that is under way: breaking it off would cost the pool a connection. */
    void stop() {
        Running now = running;
        if (now == null) {
            return;
        }
        now.reader().shutdown();
        try {
            if (!now.reader().awaitTermination(2, TimeUnit.SECONDS)) {
                now.reader().shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
