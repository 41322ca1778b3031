package io.sallyport.gateway;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Periodic work on a thread of its own: after each pause, and immediately when asked. */
final class Rounds {
    private final String thread;
    private final Duration pause;
    private final Runnable round;
    private final AtomicBoolean isAhead = new AtomicBoolean();
    private volatile @Nullable ScheduledExecutorService running;

    /** @param round the work; an exception ends the rounds */
    Rounds(String thread, Duration pause, Runnable round) {
        this.thread = thread;
        this.pause = pause;
        this.round = round;
    }

    /** The first round comes after one pause. */
    void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(thread).factory());
        started.scheduleWithFixedDelay(this::begin, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
        running = started;
    }

    /** Requests a round without a pause. Requests before it begins are served by the same round. */
    void soon() {
        ScheduledExecutorService now = running;
        if (now != null && isAhead.compareAndSet(false, true)) {
            now.execute(this::begin);
        }
    }

    private void begin() {
        isAhead.set(false);
        round.run();
    }

    void stop() {
        ScheduledExecutorService stopped = running;
        running = null;
        if (stopped != null) {
            stopped.shutdownNow();
        }
    }

    boolean isRunning() {
        return running != null;
    }
}
