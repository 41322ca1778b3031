package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * With milliseconds in the place of its half seconds, but on real timers, whose threads must not be there before those who
 * watch over them.
 */
class VigilIT {
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration ANSWER = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final Sinks.One<String> work = Sinks.one();

    private Mono<String> watched(BooleanSupplier database, BooleanSupplier isAnswered) {
        return vigil(database).over(work.asMono().doOnCancel(() -> cancelled.set(true)), isAnswered);
    }

    private Vigil vigil(BooleanSupplier database) {
        return new Vigil(
                () -> {
                    asked.incrementAndGet();
                    return database.getAsBoolean();
                },
                Schedulers.boundedElastic(),
                LOOK,
                ANSWER);
    }

    @Test
    void r10ARequestThatWaitsForADatabaseThatIsAwayEnds() {
        assertThatThrownBy(() -> watched(() -> false, () -> false).block(LONG)).isInstanceOf(Vigil.Silent.class);
        assertThat(cancelled).isTrue();
    }

    @Test
    void r11SoDoesOneThatWaitsForADatabaseThatSaysNothing() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> watched(() -> hasEnded(never), () -> false).block(LONG))
                .isInstanceOf(Vigil.Silent.class);
        never.countDown();
    }

    @Test
    void whatTakesLongWhileTheDatabaseAnswersIsLeftAlone() {
        Mono<String> watched = watched(
                () -> {
                    if (asked.get() == 3) {
                        work.tryEmitValue("late");
                    }
                    return true;
                },
                () -> false);
        assertThat(watched.block(LONG)).isEqualTo("late");
    }

    @Test
    void anAnswerThatHasBegunIsNotBrokenOff() {
        Mono<String> watched = watched(
                () -> {
                    if (asked.get() == 2) {
                        work.tryEmitValue("streamed");
                    }
                    return false;
                },
                () -> true);
        assertThat(watched.block(LONG)).isEqualTo("streamed");
    }

    @Test
    void whoeverIsQuickIsNotAskedAbout() {
        assertThat(vigil(() -> false).over(Mono.just("quick"), () -> false).block(LONG))
                .isEqualTo("quick");
        assertThat(asked).hasValue(0);
    }

    private static boolean hasEnded(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
