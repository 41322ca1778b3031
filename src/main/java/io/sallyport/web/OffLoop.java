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
 * Work that may wait or compute, away from the event loop, whose end always reaches whoever waits for it. Reactor makes a signal of
 * exceptions only: a {@link StackOverflowError} or a {@link NoClassDefFoundError} it holds for the end of the JVM and throws at the
 * thread, where nobody is told. The request would have no answer for ever, and keep its place in every queue. Here such an error
 * becomes a {@link Died}.
 */
public final class OffLoop {
    private OffLoop() {}

    /** Work ended with an error that is no exception. What it was doing is undone as for any exception. */
    public static final class Died extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        private Died(Error how) {
            super("died of " + how, how);
        }
    }

    /** Runs the work on one of the threads; what it throws becomes the Mono's. */
    public static <T> Mono<T> call(Scheduler threads, Callable<? extends @Nullable T> work) {
        return Mono.<T>fromCallable(() -> survive(work)).subscribeOn(threads);
    }

    /**
     * Subscribes to the steps on one of the threads; whatever they do there, they end. The thread is not interrupted when nobody waits
     * any more: a write is done or not done, and a connection to the database outlives the client's.
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

    private static <T> @Nullable T survive(Callable<? extends @Nullable T> work) throws Exception {
        try {
            return work.call();
        } catch (VirtualMachineError | LinkageError how) {
            throw new Died(how);
        }
    }
}
