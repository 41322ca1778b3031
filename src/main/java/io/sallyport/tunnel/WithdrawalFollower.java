package io.sallyport.tunnel;

import io.netty.util.concurrent.EventExecutor;
import io.sallyport.tunnel.WithdrawalFeed.Edition;
import io.sallyport.tunnel.wire.MarkedName;
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
 * One connection that hears what no longer counts. One call at a time: a connector that does not answer makes nothing pile up, and
 * when it answers it hears the newest. Everything but {@link #tell} happens on the connection's event loop.
 */
@SuppressWarnings("ReferenceEquality") // which edition it is, not what it says
final class WithdrawalFollower {
    private static final Logger LOG = LoggerFactory.getLogger(WithdrawalFollower.class);

    private final EventExecutor loop;
    private final BiConsumer<Withdrawals, Consumer<Answer>> call;
    private final Consumer<Edition> known;
    private @Nullable Edition newest;
    /** What is being told, and what of it is not sent yet; null when nothing is. */
    private @Nullable Edition telling;

    private List<Mark> rest = List.of();
    private Map<MarkedName, Long> marks = Map.of();

    /**
     * A connection that was told nothing yet.
     *
     * @param call sends to the connector; its answer comes on the event loop
     * @param known told of each edition that the connector knows
     */
    WithdrawalFollower(EventExecutor loop, BiConsumer<Withdrawals, Consumer<Answer>> call, Consumer<Edition> known) {
        this.loop = loop;
        this.call = call;
        this.known = known;
    }

    /** Tells this edition, soon. */
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
            // It stays in the telling, so this connection hears no more; the gate itself goes on refusing.
            case Answer.Failed failed ->
                LOG.info(
                        "a connector does not accept revocations: {}",
                        failed.reason().replaceAll("[^ -~]", "?"));
        }
    }
}
