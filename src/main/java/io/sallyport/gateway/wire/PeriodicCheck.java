package io.sallyport.gateway.wire;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a connection four times in the time that it is allowed for something, so that exceeding that time is noticed
 * at most a quarter of it late. Confined to the connection's event loop.
 */
final class PeriodicCheck {
    private static final int CHECKS = 4;

    private final long stepNanos;
    private @Nullable Future<?> running;

    /** @param allowed the time in which the check runs four times */
    PeriodicCheck(Duration allowed) {
        this.stepNanos = allowed.toNanos() / CHECKS;
    }

    boolean isRunning() {
        return running != null;
    }

    /** Begins, unless it runs already. The first check comes after a quarter of the time. */
    void start(EventExecutor loop, Runnable check) {
        if (running == null) {
            running = loop.scheduleAtFixedRate(check, stepNanos, stepNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Ends, if it runs. It may be started again. */
    void stop() {
        Future<?> current = running;
        if (current != null) {
            current.cancel(false);
            running = null;
        }
    }
}
