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
 * Reads which replica has connections to which tunnel, after each notice of a change and on a timer, because a notice
 * may be lost. A burst of notices causes one reading. While the database does not answer, the last result stays
 * in use.
 */
final class ReplicaWatch implements NoticeListener {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);
    /** The database notifies this channel by itself when a connection is added or removed. */
    private static final String CHANNEL = "sallyport_tunnels";

    private static final Duration PERIOD = Duration.ofSeconds(3);

    /** State between start and stop. */
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

    /** @param directory receives the result, on the watch's own thread, where it may block */
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
            LOG.info("the directory of connections cannot be read, the last one stays in use: {}", e.toString());
        }
    }

    /** Stops. Waits a moment for a reading that is running, because an interrupt would cost the pool a connection. */
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
