package io.sallyport.web;

import java.io.Serial;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Ends requests that wait for a database which is away. Waiting for a connection, looking whether it lives, a statement
 * and a commit have limits of their own, and a request may come to several of them in turn; nor can they be short, because a busy
 * database is none that is away. So the whole request is watched instead: when it takes long, and nobody has heard of the database
 * meanwhile, the database is asked.
 */
public final class Vigil {
    /** With {@link #ANSWER} less than the two seconds of R-10, and some for a busy machine. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Duration ANSWER = Duration.ofMillis(800);
    /** Many requests wait at the same time; one question is enough for them. */
    private static final Duration SHARED = Duration.ofMillis(200);

    private final Mono<Boolean> answer;
    private volatile long heardAt = System.nanoTime() - LOOK.toNanos();

    /** The database does not answer; what the request was about to do may be done or not. */
    public static final class Silent extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        private Silent() {
            super("the database does not answer", null, false, false);
        }
    }

    /**
     * Nobody waits yet.
     *
     * @param database whether it answers; may wait
     * @param threads on which that is asked
     */
    public Vigil(BooleanSupplier database, Scheduler threads) {
        this.answer = Mono.fromSupplier(database::getAsBoolean)
                .subscribeOn(threads)
                .timeout(ANSWER, Mono.just(false))
                .doOnNext(answers -> {
                    if (answers) {
                        heard();
                    }
                })
                .cache(SHARED);
    }

    /** To be told when the database has answered somebody. */
    public void heard() {
        heardAt = System.nanoTime();
    }

    /**
     * The request, or {@link Silent} when the database went away meanwhile; the request is cancelled then.
     *
     * @param isAnswered whether the answer has begun, which is not broken off
     */
    public <T> Mono<T> over(Mono<T> request, BooleanSupplier isAnswered) {
        Mono<T> alarm = Mono.delay(LOOK)
                .flatMap(_ -> System.nanoTime() - heardAt < LOOK.toNanos() ? Mono.just(true) : answer)
                .repeat()
                .filter(answers -> !answers && !isAnswered.getAsBoolean())
                .next()
                .then(Mono.error(Silent::new));
        return Mono.firstWithSignal(request, alarm);
    }
}
