package io.sallyport.web;

import java.io.Serial;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * Runs work off the event loop and always signals its end. Reactor signals exceptions only: it treats a {@link
 * StackOverflowError} or {@link NoClassDefFoundError} as fatal for the JVM and throws it on the thread, where nobody
 * handles it. The request would never be answered and would keep its place in every limit. Here such an error becomes a
 * {@link Died}.
 */
public final class OffLoop {
    private OffLoop() {}

    /** The work ended with an {@link Error}. Transactions are rolled back as for an exception. */
    public static final class Died extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        private Died(Error how) {
            super("died of " + how, how);
        }
    }

    /**
     * Runs the work on one of the threads; exceptions become the Mono's error. As with {@link #follow}, nothing is interrupted
     * when the client leaves, and the work is always done, because it may give back what was taken for it.
     */
    public static <T> Mono<T> call(Scheduler threads, Callable<? extends @Nullable T> work) {
        return Mono.create(sink -> threads.schedule(() -> finish(work, sink)));
    }

    private static <T> void finish(Callable<? extends @Nullable T> work, MonoSink<T> sink) {
        try {
            sink.success(work.call());
        } catch (VirtualMachineError | LinkageError how) {
            sink.error(new Died(how));
        } catch (Exception failed) {
            sink.error(failed);
        }
    }

    /**
     * Subscribes to the steps on one of the threads, and signals their end whatever they throw. The thread is not
     * interrupted when the client leaves: an interrupt would leave the result of a write unknown and break the database
     * connection.
     */
    public static Mono<Void> follow(Scheduler threads, Supplier<Mono<Void>> steps) {
        return Mono.create(sink -> {
            Disposable.Swap running = Disposables.swap();
            sink.onCancel(running);
            threads.schedule(() -> running.update(subscribe(Mono.defer(steps), sink)));
        });
    }

    private static Disposable subscribe(Mono<Void> steps, MonoSink<Void> sink) {
        try {
            return steps.subscribe(_ -> {}, sink::error, sink::success, Context.of(sink.contextView()));
        } catch (VirtualMachineError | LinkageError how) {
            sink.error(new Died(how));
            return Disposables.disposed();
        }
    }
}
