package io.sallyport.web;

import java.io.Serial;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Ends requests that wait for a database that is down. Getting a connection, validating it, a statement
 * and a commit have time limits of their own, which add up and cannot be short, because a database can be busy without
 * being down. So the request as a whole is watched: when it takes long, and the database has answered no other request
 * meanwhile, the database is probed.
 */
public final class Vigil {
    /** With {@link #ANSWER} less than the two seconds of R-10, and some for a busy machine. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Duration ANSWER = Duration.ofSeconds(1);
    /** Many requests wait at the same time; one question is enough for them. */
    private static final Duration SHARED = Duration.ofMillis(200);

    private final Mono<Boolean> answer;
    private final Duration look;
    private volatile long heardAt;

    /** The database does not answer; the request's write may or may not have been made. */
    public static final class Silent extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        private Silent() {
            super("the database does not answer", null, false, false);
        }
    }

    /**
     * Starts without requests.
     *
     * @param database tests whether the database answers; may block
     * @param threads on which the test runs
     */
    public Vigil(BooleanSupplier database, Scheduler threads) {
        this(database, threads, LOOK, ANSWER);
    }

    Vigil(BooleanSupplier database, Scheduler threads, Duration look, Duration patience) {
        this.look = look;
        this.heardAt = System.nanoTime() - look.toNanos();
        this.answer = Mono.fromSupplier(database::getAsBoolean)
                .subscribeOn(threads)
                .timeout(patience, Mono.just(false))
                .doOnNext(answers -> {
                    if (answers) {
                        heard();
                    }
                })
                .cache(SHARED);
    }

    /** Must be called when the database has answered a request. */
    public void heard() {
        heardAt = System.nanoTime();
    }

    /**
     * The request, or {@link Silent} when the database went away meanwhile; the request is cancelled then.
     *
     * @param isAnswered whether the answer has begun, which is not broken off
     */
    public <T> Mono<T> over(Mono<T> request, BooleanSupplier isAnswered) {
        Mono<T> alarm = Mono.delay(look)
                .flatMap(_ -> System.nanoTime() - heardAt < look.toNanos() ? Mono.just(true) : answer)
                .repeat()
                .filter(answers -> !answers && !isAnswered.getAsBoolean())
                .next()
                .then(Mono.error(Silent::new));
        return Mono.firstWithSignal(request, alarm);
    }
}
