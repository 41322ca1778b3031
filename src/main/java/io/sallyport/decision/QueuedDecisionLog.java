package io.sallyport.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.BatchQueue;
import io.sallyport.decision.Decided.Outcome;
import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The decision log proper: folds equal decisions, and leaves the rest to a {@link BatchQueue}, whose thread explains and stores them.
 *
 * <p><b>What is one decision.</b> Two decisions are equal when the same session (or service token, or nobody) came from the same
 * address to the same application under the same configuration version, and the outcome, its reason and the deciding policy agree:
 * then everything that went into them agrees too, and one tree explains both. For as long as {@code sallyport.decisions.fold} the
 * first stands for all; the others add to its {@code repeats}, and the access log names it in their {@code decision_id}. So 2,000
 * requests a second of a busy office become a row a minute for each person and application, while whatever differs in any of
 * these has a row of its own.
 *
 * <p><b>Refusals</b> are read out to an administrator from the page, by the ray id of the very request. So the first
 * {@value #REFUSALS_BY_NAME} equal ones of an interval each get a row that points to the first; beyond that they fold too.
 */
final class QueuedDecisionLog implements DecisionLog, AutoCloseable {
    private static final int BATCH = 200;
    private static final int REFUSALS_BY_NAME = 20;
    private static final long MOST_OPEN = 50_000;

    private final BatchQueue<Entry> queue;
    private final Counter folded;
    private final Cache<Same, First> open;

    QueuedDecisionLog(DecisionSink sink, int capacity, Duration fold, Duration retry, MeterRegistry meters) {
        this.queue = new BatchQueue<>(
                new BatchQueue.Settings("decision-log", "sallyport.decisions", "decisions", capacity, BATCH, retry),
                sink::store,
                meters);
        this.folded = Counter.builder("sallyport.decisions.folded")
                .description("decisions that an equal one shortly before stands for")
                .register(meters);
        this.open = Caffeine.newBuilder()
                .maximumSize(MOST_OPEN)
                .expireAfterWrite(fold)
                .executor(Runnable::run)
                .scheduler(Scheduler.systemScheduler())
                .removalListener(this::ended)
                .build();
    }

    /** What goes to the sink. */
    sealed interface Entry {
        /** The first of its kind. */
        record Whole(Decided decided) implements Entry {}

        /** An equal refusal, findable by its own ray id. */
        record Again(Decided decided, String first) implements Entry {}

        /** How many more there were of one, when its interval is over. */
        record Repeats(String first, int count) implements Entry {}
    }

    private record Same(
            AppId application,
            long version,
            Outcome outcome,
            String reason,
            @Nullable PolicyId policy,
            @Nullable IdentityNonce session,
            @Nullable ServiceTokenId service,
            @Nullable CertificateIdentity certificate,
            String standing,
            Decided.Place place,
            InetAddress client) {
        static Same of(Decided decided) {
            ServiceIdentity service = decided.asked().service();
            return new Same(
                    decided.application().id(),
                    decided.version(),
                    decided.outcome(),
                    decided.reason(),
                    decided.decision().reason().policy(),
                    decided.nonce(),
                    service == null ? null : service.id(),
                    decided.asked().certificate(),
                    decided.session(),
                    decided.place(),
                    decided.asked().client());
        }
    }

    /** The decision that stands for its equals. */
    private record First(String ray, AtomicInteger repeats) {}

    @Override
    public String offer(Decided decided) {
        Same same = Same.of(decided);
        First mine = new First(decided.ray(), new AtomicInteger());
        First known = open.getIfPresent(same);
        if (known == null) {
            known = open.asMap().putIfAbsent(same, mine);
        }
        if (known == null) {
            if (!queue.offer(new Entry.Whole(decided))) {
                open.asMap().remove(same, mine); // the next of its kind tries again
            }
            return decided.ray();
        }
        int repeats = known.repeats.incrementAndGet();
        folded.increment();
        if (decided.outcome() == Outcome.DENIED && repeats <= REFUSALS_BY_NAME) {
            queue.offer(new Entry.Again(decided, known.ray));
        }
        return known.ray;
    }

    private void ended(@Nullable Same same, @Nullable First first, RemovalCause cause) {
        if (first != null && cause.wasEvicted() && first.repeats.get() > 0) {
            queue.offer(new Entry.Repeats(first.ray, first.repeats.get()));
        }
    }

    /** Stores what is waiting, for at most five seconds. */
    @Override
    public void close() {
        open.asMap().forEach((same, first) -> ended(same, first, RemovalCause.EXPIRED));
        queue.close();
    }
}
