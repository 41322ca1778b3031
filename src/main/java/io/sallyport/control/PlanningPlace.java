package io.sallyport.control;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one place of a replica where plans and replays are worked out, because each holds a second configuration in memory. Who may
 * only read may plan, too, so the place is shared fairly: a token has one plan or replay at a time, others wait in the order in
 * which they came, and a plan of who may not write the configuration makes way for them once it had its share of time.
 */
final class PlanningPlace {
    private final Semaphore place = new Semaphore(1, true);
    private final Map<String, Queue> tokens = new ConcurrentHashMap<>();
    private final Times times;

    PlanningPlace(Times times) {
        this.times = times;
    }

    /**
     * The bounds.
     *
     * @param patience how long a plan waits for others, and for an earlier one of its own token
     * @param share how long a plan of who may not write goes on while others wait; shorter than they wait
     * @param longest how long such a plan may take when nobody waits
     */
    record Times(Duration patience, Duration share, Duration longest) {
        static final Times USUAL = new Times(Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ofMinutes(1));
    }

    /** Those of one token. */
    private static final class Queue {
        private final Semaphore turn = new Semaphore(1, true);
        /** Guarded by the map's lock for the token. */
        private int present;
    }

    /** Whether a call may write the configuration. Its plans are not cut short: it could change all of it anyway. */
    static boolean isBounded(AdminCall call) {
        return !call.permissions().access(ResourceKind.CONFIGURATION).holds(Access.WRITE);
    }

    /** Does what a token asks for when nothing else that it asked for is under way. Its body is best read within. */
    <T> T oneAtATime(AdminCall call, Supplier<T> work) {
        String token = call.holder().tokenId();
        Queue queue = tokens.compute(token, (_, known) -> {
            Queue joined = known == null ? new Queue() : known;
            joined.present++;
            return joined;
        });
        try {
            if (!acquire(queue.turn)) {
                throw ApiProblem.onePlanAtATime();
            }
            try {
                return work.get();
            } finally {
                queue.turn.release();
            }
        } finally {
            tokens.computeIfPresent(token, (_, left) -> --left.present == 0 ? null : left);
        }
    }

    /**
     * Takes the place, which must be left again.
     *
     * @throws ApiProblem when others have it for too long
     */
    Stay enter(AdminCall call) {
        if (!acquire(place)) {
            throw ApiProblem.busy("another plan or replay is being worked out");
        }
        return new Stay(isBounded(call));
    }

    private boolean acquire(Semaphore semaphore) {
        try {
            return semaphore.tryAcquire(times.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** One plan's time at the place. */
    final class Stay implements AutoCloseable {
        private final boolean bounded;
        private final long began = System.nanoTime();

        private Stay(boolean bounded) {
            this.bounded = bounded;
        }

        /** Ends a plan that took longer than it may. Called between the single changes of a large one. */
        void requireTimeLeft() {
            if (!bounded) {
                return;
            }
            long taken = System.nanoTime() - began;
            if (taken > times.longest().toNanos()) {
                throw ApiProblem.planTooLong(times.longest());
            }
            if (taken > times.share().toNanos() && place.hasQueuedThreads()) {
                throw ApiProblem.planMadeWay(times.share());
            }
        }

        @Override
        public void close() {
            place.release();
        }
    }
}
