package io.sallyport.gateway;

import io.sallyport.web.OffLoop;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Runs what may block or compute for long on virtual threads, a limited number at once. Beyond the limit the answer is
 * 503; nothing is queued (DO-05).
 */
final class Offload implements DisposableBean {
    /**
     * Kinds of work, each with a limit of its own, so that one cannot use up the places of another: a stranger's token
     * whose issuer does not answer must not keep a visitor from being sent to the login.
     */
    enum Room {
        /** Computation and our own database. */
        OURS(256),
        /** Calls to external evaluators. */
        EVALUATORS(64),
        /** Fetches that anybody can cause: a workload issuer's keys, a certificate's revocation list. */
        STRANGERS(64);

        private final int places;

        Room(int places) {
            this.places = places;
        }
    }

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("edge-", 0).factory());
    private final Scheduler scheduler = Schedulers.fromExecutorService(threads, "edge");
    private final Map<Room, Semaphore> rooms = new EnumMap<>(Room.class);

    Offload() {
        for (Room room : Room.values()) {
            rooms.put(room, new Semaphore(room.places));
        }
    }

    /** Runs the task elsewhere, in {@link Room#OURS}; its exceptions become the Mono's. */
    <T> Mono<T> call(Callable<T> task) {
        return call(Room.OURS, task);
    }

    /** Runs the task in one of the rooms. */
    <T> Mono<T> call(Room room, Callable<T> task) {
        Semaphore places = Objects.requireNonNull(rooms.get(room));
        return Mono.defer(() -> {
            if (!places.tryAcquire()) {
                return Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
            }
            return OffLoop.call(scheduler, () -> {
                try {
                    return task.call();
                } finally {
                    places.release();
                }
            });
        });
    }

    ExecutorService threads() {
        return threads;
    }

    @Override
    public void destroy() {
        scheduler.dispose();
        threads.shutdown();
    }
}
