package io.sallyport.catalog;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/** Notices that a server has ended, and has it started again: at once, and then after pauses that double from one second to thirty. */
final class PostgresGuard {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private PostgresGuard() {}

    /**
     * Watches a process. One that exits with 0 was stopped on purpose, by a signal to the whole process group, and is
     * not restarted.
     *
     * @param revive starts it again; true when there is nothing more to do
     */
    static void watch(Process running, BooleanSupplier revive) {
        running.onExit().thenAccept(ended -> {
            if (ended.exitValue() != 0) {
                Thread.ofVirtual().name("embedded-postgres-guard").start(() -> insist(revive));
            }
        });
    }

    /**
     * Retries without a limit. Not with a {@code RetryTemplate}, which keeps every exception in memory until an attempt
     * succeeds.
     */
    private static void insist(BooleanSupplier revive) {
        ExponentialBackOff backOff = new ExponentialBackOff(FIRST_PAUSE.toMillis(), 2);
        backOff.setMaxInterval(LONGEST_PAUSE.toMillis());
        BackOffExecution pauses = backOff.start();
        try {
            while (!revive.getAsBoolean()) {
                Thread.sleep(pauses.nextBackOff());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
