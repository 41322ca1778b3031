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
 * Tells connectors of ours, as soon as the snapshot brings it, which sessions were revoked and which keys sign, so that what is
 * revoked ends at the far end too. Who registers hears everything first, and then what is new. What is told is worked out once for
 * all connectors, on the thread that swaps; each connection only sends.
 */
@SuppressWarnings("ReferenceEquality") // which edition somebody knows, whose thousands of marks need not be compared
final class WithdrawalFeed implements SnapshotListener {
    /** As many as a connector keeps. */
    static final int MOST = 65_536;
    /** Keys come and go by the clock, too. */
    static final Duration ROUND = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(WithdrawalFeed.class);

    private final InstantSource clock;
    private final Timer told;
    private final Set<WithdrawalFollower> followers = ConcurrentHashMap.newKeySet();
    private @Nullable Snapshot snapshot;
    private @Nullable Edition current;

    /**
     * All there is to tell at one time.
     *
     * @param before the marks of the edition before this one
     * @param news those of the marks that were not among them
     * @param since when this edition came, by the monotonic clock
     */
    record Edition(
            long version,
            String issuer,
            List<String> keys,
            Map<MarkedName, Long> marks,
            Map<MarkedName, Long> before,
            List<Mark> news,
            long since) {
        /** What of this somebody lacks who knows only those marks. */
        List<Mark> lackedBy(Map<MarkedName, Long> known) {
            return known == before ? news : differences(known, marks);
        }
    }

    WithdrawalFeed(MeterRegistry meters, InstantSource clock) {
        this.clock = clock;
        this.told = Timer.builder("sallyport.tunnel.withdrawals")
                .description("from a new snapshot until a connector says that it knows what was revoked")
                .register(meters);
    }

    /** Tells this one everything, and whatever comes, for as long as its connection lives. */
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

    /** A connector knows this edition. */
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
            LOG.debug("{} revocations are known to the edge alone", left);
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
