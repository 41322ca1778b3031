package io.sallyport.catalog;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Notices that a server has ended, and has it started again: after a second, and then at ever longer intervals up to half a minute. */
final class PostgresGuard {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private PostgresGuard() {}

    /**
     * Watches a process. One that ends with 0 was asked to, by a signal to all of us, and stays ended.
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

    private static void insist(BooleanSupplier revive) {
        Duration pause = FIRST_PAUSE;
        try {
            while (!revive.getAsBoolean()) {
                Thread.sleep(pause);
                Duration longer = pause.multipliedBy(2);
                pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
