package io.sallyport.gateway;

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
 * Where the edge does what may wait or compute: virtual threads, a bounded number at once. Beyond the bound the answer is 503
 * rather than a queue (DO-05).
 */
final class Offload implements DisposableBean {
    private static final int AT_ONCE = 256;

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("edge-", 0).factory());
    private final Scheduler scheduler = Schedulers.fromExecutorService(threads, "edge");
    private final Semaphore places = new Semaphore(AT_ONCE);

    /** Runs the task elsewhere; its exceptions become the Mono's. */
    <T> Mono<T> call(Callable<T> task) {
        return Mono.defer(() -> {
            if (!places.tryAcquire()) {
                return Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
            }
            return Mono.fromCallable(() -> {
                        try {
                            return task.call();
                        } finally {
                            places.release();
                        }
                    })
                    .subscribeOn(scheduler);
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
