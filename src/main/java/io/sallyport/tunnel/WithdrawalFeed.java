package io.sallyport.tunnel;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotListener;
import io.sallyport.tunnel.wire.MarkedName;
import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells our connectors which sessions were revoked and which keys are in use, with each new snapshot, so that revocations take effect
 * at the connector too. A connector gets everything when it registers, and after that what is new. The differences are computed once
 * for all connectors, on the thread that swaps the snapshot; each connection only sends them.
 */
@SuppressWarnings("ReferenceEquality") // identity of editions; comparing thousands of marks would be expensive
final class WithdrawalFeed implements SnapshotListener {
    /** Limit of marks, equal to that of connectors. */
    static final int MOST = 65_536;
    /** Interval of checks without a new snapshot, because keys also begin and end by time. */
    static final Duration ROUND = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(WithdrawalFeed.class);

    private final InstantSource clock;
    private final Timer told;
    private final Set<WithdrawalFollower> followers = ConcurrentHashMap.newKeySet();
    private @Nullable Snapshot snapshot;
    private @Nullable Edition current;

    /**
     * The complete state at one time.
     *
     * @param before the marks of the previous edition
     * @param news the marks that the previous edition did not have
     * @param since when this edition was made, by the monotonic clock
     */
    record Edition(
            long version,
            String issuer,
            List<String> keys,
            Map<MarkedName, Long> marks,
            Map<MarkedName, Long> before,
            List<Mark> news,
            long since) {
        /** The marks that a connector with these known marks lacks. */
        List<Mark> lackedBy(Map<MarkedName, Long> known) {
            return known == before ? news : differences(known, marks);
        }
    }

    WithdrawalFeed(MeterRegistry meters, InstantSource clock) {
        this.clock = clock;
        this.told = Timer.builder("sallyport.tunnel.withdrawals")
                .description("time from a new snapshot until a connector confirms its revocations")
                .register(meters);
    }

    /** Sends this connector the current state and all changes, while its connection is open. */
    void follow(WithdrawalFollower follower, TunnelTransport transport) {
        followers.add(follower);
        transport.onClose(() -> followers.remove(follower));
        var rounds = transport
                .executor()
                .scheduleAtFixedRate(this::round, ROUND.toSeconds(), ROUND.toSeconds(), TimeUnit.SECONDS);
        transport.onClose(() -> rounds.cancel(false));
        Edition now = edition();
        if (now != null) {
            follower.tell(now);
        }
    }

    /** A connector has confirmed this edition. */
    void known(Edition edition) {
        told.record(System.nanoTime() - edition.since(), TimeUnit.NANOSECONDS);
    }

    private synchronized @Nullable Edition edition() {
        return current;
    }

    @Override
    public void swapped(Snapshot next) {
        Edition fresh;
        synchronized (this) {
            Revocations known = snapshot == null ? null : snapshot.revocations();
            snapshot = next;
            fresh = renew(next, known != next.revocations());
        }
        publish(fresh);
    }

    private void round() {
        Edition fresh;
        synchronized (this) {
            fresh = snapshot == null ? null : renew(snapshot, false);
        }
        publish(fresh);
    }

    private void publish(@Nullable Edition fresh) {
        if (fresh != null) {
            followers.forEach(follower -> follower.tell(fresh));
        }
    }

    /** The next edition, null when there is nothing new in it. */
    private @Nullable Edition renew(Snapshot next, boolean withMarks) {
        Edition old = current;
        List<String> keys = next.keys().publishedIds(clock.instant());
        Map<MarkedName, Long> before = old == null ? Map.of() : old.marks();
        Map<MarkedName, Long> marks = withMarks ? marks(next) : before;
        List<Mark> news = differences(before, marks);
        boolean isKnown = old != null
                && news.isEmpty()
                && old.keys().equals(keys)
                && old.issuer().equals(next.settings().issuer());
        if (isKnown) {
            return null;
        }
        Edition fresh =
                new Edition(next.version(), next.settings().issuer(), keys, marks, before, news, System.nanoTime());
        current = fresh;
        return fresh;
    }

    private static Map<MarkedName, Long> marks(Snapshot snapshot) {
        Revocations revocations = snapshot.revocations();
        Map<MarkedName, Long> marks = new HashMap<>();
        revocations.applications().forEach((id, epoch) -> {
            Application application = snapshot.applicationsById().get(id);
            if (application != null) {
                put(marks, MarkedName.application(application.audience().value()), epoch);
            }
        });
        revocations.users().forEach((id, epoch) -> put(marks, MarkedName.person(id.toString()), epoch));
        revocations.services().forEach((id, epoch) -> put(marks, MarkedName.service(id), epoch));
        for (var nonce : revocations.sessions()) {
            if (marks.size() >= MOST) {
                break;
            }
            marks.put(MarkedName.session(nonce.value()), Long.MAX_VALUE);
        }
        int left = revocations.applications().size()
                + revocations.users().size()
                + revocations.services().size()
                + revocations.sessions().size()
                - marks.size();
        if (left > 0) {
            LOG.debug("{} revocations are enforced by the edge only", left);
        }
        return Map.copyOf(marks);
    }

    private static void put(Map<MarkedName, Long> marks, MarkedName name, Instant epoch) {
        if (marks.size() < MOST) {
            marks.put(name, epoch.toEpochMilli());
        }
    }

    private static List<Mark> differences(Map<MarkedName, Long> known, Map<MarkedName, Long> marks) {
        List<Mark> news = new ArrayList<>();
        marks.forEach((name, upTo) -> {
            if (!upTo.equals(known.get(name))) {
                news.add(new Mark(name, upTo));
            }
        });
        return List.copyOf(news);
    }
}
