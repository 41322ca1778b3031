package io.sallyport.tunnel;

import io.netty.util.concurrent.EventExecutor;
import io.sallyport.tunnel.WithdrawalFeed.Edition;
import io.sallyport.tunnel.wire.MarkedName;
import io.sallyport.tunnel.wire.Printable;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.Withdrawals;
import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends revocations to one connection, one call at a time. So nothing piles up for a connector that does not answer; when it answers,
 * it gets the newest state. Everything except {@link #tell} happens on the connection's event loop.
 */
@SuppressWarnings("ReferenceEquality") // identity of editions, not their content
final class WithdrawalFollower {
    private static final Logger LOG = LoggerFactory.getLogger(WithdrawalFollower.class);

    private final EventExecutor loop;
    private final BiConsumer<Withdrawals, Consumer<Answer>> call;
    private final Consumer<Edition> known;
    private @Nullable Edition newest;
    /** The edition that is being sent; null when none is. */
    private @Nullable Edition telling;

    /** Marks of that edition that have not been sent yet. */
    private List<Mark> rest = List.of();

    private Map<MarkedName, Long> marks = Map.of();

    /**
     * A connection to which nothing was sent yet.
     *
     * @param call calls the connector; its answer arrives on the event loop
     * @param known receives each edition that the connector has confirmed
     */
    WithdrawalFollower(EventExecutor loop, BiConsumer<Withdrawals, Consumer<Answer>> call, Consumer<Edition> known) {
        this.loop = loop;
        this.call = call;
        this.known = known;
    }

    /** Sends this edition, unless a newer one follows. */
    void tell(Edition edition) {
        loop.execute(() -> {
            if (newest == null || newest.since() - edition.since() < 0) {
                newest = edition;
                next();
            }
        });
    }

    private void next() {
        Edition edition = newest;
        if (telling == null && edition != null) {
            telling = edition;
            rest = edition.lackedBy(marks);
            send(edition);
        }
    }

    private void send(Edition edition) {
        int count = Math.min(rest.size(), Withdrawals.MOST_MARKS);
        List<Mark> part = rest.subList(0, count);
        rest = rest.subList(count, rest.size());
        call.accept(
                new Withdrawals(edition.version(), edition.issuer(), edition.keys(), part),
                answer -> answered(edition, answer));
    }

    private void answered(Edition edition, Answer answer) {
        switch (answer) {
            case Answer.Results _ when !rest.isEmpty() -> send(edition);
            case Answer.Results _ -> {
                marks = edition.marks();
                known.accept(edition);
                telling = null;
                if (newest != edition) {
                    next();
                }
            }
            // The call stays pending, so this connection gets no more. The gateway itself still enforces all
            // revocations.
            case Answer.Failed failed ->
                LOG.info("a connector does not accept revocations: {}", Printable.of(failed.reason()));
        }
    }
}
