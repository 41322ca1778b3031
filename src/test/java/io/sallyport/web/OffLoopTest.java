package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Whoever waits for work hears how it ended, whatever it ended with. */
class OffLoopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static final Scheduler SCHEDULER = Schedulers.fromExecutorService(THREADS);

    @AfterAll
    static void stop() {
        SCHEDULER.dispose();
        THREADS.shutdownNow();
    }

    static Stream<Error> deaths() {
        return Stream.of(
                new StackOverflowError(), new OutOfMemoryError("heap"), new NoSuchMethodError("of half a class"));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    @DisplayName("RE: an error that Reactor tells nobody about ends the work for who waits for it")
    void deathsAreHeard(Error death) {
        Mono<String> called = OffLoop.call(SCHEDULER, () -> {
            throw death;
        });
        assertThatThrownBy(() -> called.block(PATIENCE))
                .isInstanceOf(OffLoop.Died.class)
                .hasCause(death);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    @DisplayName("and so it does wherever in the steps it happens")
    void deathsInAnyStepAreHeard(Error death) {
        Function<String, Mono<Void>> die = text -> {
            throw death;
        };
        Mono<Void> first = OffLoop.follow(SCHEDULER, () -> {
            throw death;
        });
        Mono<Void> later = OffLoop.follow(SCHEDULER, () -> Mono.just("step").flatMap(die));
        Mono<Void> signalled = OffLoop.follow(SCHEDULER, () -> Mono.just("step").flatMap(step -> Mono.error(death)));
        for (Mono<Void> steps : List.of(first, later, signalled)) {
            assertThatThrownBy(() -> steps.block(PATIENCE))
                    .isInstanceOf(OffLoop.Died.class)
                    .hasCause(death);
        }
    }

    @Test
    void exceptionsAndValuesPassAsTheyAre() {
        assertThat(OffLoop.call(SCHEDULER, () -> "value").block(PATIENCE)).isEqualTo("value");
        assertThat(OffLoop.<String>call(SCHEDULER, () -> null).block(PATIENCE)).isNull();
        assertThatThrownBy(() -> OffLoop.follow(SCHEDULER, () -> Mono.error(new IllegalStateException("as it is")))
                        .block(PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("as it is");
        assertThatThrownBy(() -> OffLoop.follow(SCHEDULER, () -> {
                            throw new IllegalStateException("before the first step");
                        })
                        .block(PATIENCE))
                .hasMessage("before the first step");
        assertThat(OffLoop.follow(SCHEDULER, Mono::empty).block(PATIENCE)).isNull();
    }

    @Test
    @DisplayName("the steps see the context of who subscribed")
    void contextIsSeen() {
        String[] seen = new String[1];
        OffLoop.follow(
                        SCHEDULER,
                        () -> Mono.deferContextual(context -> {
                            seen[0] = context.get("who");
                            return Mono.empty();
                        }))
                .contextWrite(context -> context.put("who", "asks"))
                .block(PATIENCE);
        assertThat(seen[0]).isEqualTo("asks");
    }

    @Test
    @DisplayName("who no longer waits ends the steps, but never the work of the thread half-way")
    void nobodyIsInterrupted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Disposable waiting = OffLoop.follow(SCHEDULER, () -> {
                    begun.countDown();
                    try {
                        left.await();
                        done.countDown();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Mono.empty();
                })
                .subscribe();
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        waiting.dispose();
        left.countDown();
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("who no longer waits ends the steps")
    void cancelEndsTheSteps() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Disposable waiting = OffLoop.follow(SCHEDULER, () -> {
                    begun.countDown();
                    return Mono.<Void>never().doOnCancel(ended::countDown);
                })
                .subscribe();
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        waiting.dispose();
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("DO-05: who leaves interrupts nothing, which would cost the pool a database connection each time")
    void workGoesOnWhenNobodyWaitsForItAnyMore() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Disposable waiting = OffLoop.call(SCHEDULER, () -> {
                    begun.countDown();
                    try {
                        left.await();
                        interrupted.complete(Thread.currentThread().isInterrupted());
                    } catch (InterruptedException e) {
                        interrupted.complete(true);
                    }
                    return "done";
                })
                .subscribe();
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

        waiting.dispose();
        left.countDown();

        assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(false);
    }
}
