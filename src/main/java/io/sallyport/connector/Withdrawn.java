package io.sallyport.connector;

import io.sallyport.token.Bearer;
import io.sallyport.tunnel.wire.MarkedName;
import io.sallyport.tunnel.wire.Withdrawals;
import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What the edge told us no longer counts. Marks are only ever added, by any of the connections, and go when no token they could
 * concern can live any longer; the list of keys is the newest that a living connection told. Whatever an edge says here, it can only
 * take away: the worst that a hostile one achieves is that we refuse more.
 */
final class Withdrawn {
    /** No token of the edge lives longer than a month. */
    private static final Duration KEPT = Duration.ofDays(31);
    /** Some 8 MiB; the edge tells no more. */
    static final int MOST = 65_536;

    private final InstantSource clock;
    private final ConnectorLog log;
    private final Map<MarkedName, Held> marks = new ConcurrentHashMap<>();
    /** In the order in which they came. Guarded by this. */
    private final Deque<Entry> order = new ArrayDeque<>();

    private final List<Runnable> onKeys = new CopyOnWriteArrayList<>();
    private final List<Runnable> onAny = new CopyOnWriteArrayList<>();
    private volatile @Nullable Keys keys;

    /** A mark as it is kept. */
    private record Held(long issuedUpTo, Instant until) {}

    private record Entry(MarkedName name, Held held) {}

    private record Keys(String issuer, long version, Set<String> ids) {}

    Withdrawn(InstantSource clock, ConnectorLog log) {
        this.clock = clock;
        this.log = log;
    }

    /** Calls this after the list of keys changed. */
    void whenKeysChange(Runnable then) {
        onKeys.add(then);
    }

    /** Calls this after anything changed, on the thread it was told on. */
    void whenChanged(Runnable then) {
        onAny.add(then);
    }

    /** Takes what an edge tells. */
    void take(Withdrawals told) {
        List<Mark> fresh = keep(told);
        boolean isOther = keepKeys(told);
        if (isOther) {
            onKeys.forEach(Runnable::run);
        }
        if (isOther || !fresh.isEmpty()) {
            log.debug(
                    "The edge withdrew sessions or keys",
                    "revocations",
                    Integer.toString(fresh.size()),
                    "keysChanged",
                    Boolean.toString(isOther));
            onAny.forEach(Runnable::run);
        }
    }

    private synchronized List<Mark> keep(Withdrawals told) {
        Instant now = clock.instant();
        List<Mark> fresh = new ArrayList<>();
        for (Mark mark : told.marks()) {
            Held known = marks.get(mark.name());
            if (known == null || known.issuedUpTo() < mark.issuedUpTo()) {
                Held held = new Held(mark.issuedUpTo(), now.plus(KEPT));
                marks.put(mark.name(), held);
                order.addLast(new Entry(mark.name(), held));
                fresh.add(mark);
            }
        }
        forget(now);
        return fresh;
    }

    private void forget(Instant now) {
        int early = 0;
        for (Entry oldest = order.peekFirst(); oldest != null; oldest = order.peekFirst()) {
            boolean isOver = !now.isBefore(oldest.held().until());
            if (!isOver && order.size() <= MOST) {
                break;
            }
            order.removeFirst();
            // A later mark of the same name has an entry of its own.
            if (marks.remove(oldest.name(), oldest.held()) && !isOver) {
                early++;
            }
        }
        if (early > 0) {
            log.warn(
                    "More revocations than are kept; the edge alone knows the oldest",
                    "forgotten",
                    Integer.toString(early));
        }
    }

    private synchronized boolean keepKeys(Withdrawals told) {
        Keys known = keys;
        if (told.keys().isEmpty() || (known != null && told.version() < known.version())) {
            return false;
        }
        Keys next = new Keys(told.issuer(), told.version(), Set.copyOf(told.keys()));
        keys = next;
        return known == null
                || !known.issuer().equals(next.issuer())
                || !known.ids().equals(next.ids());
    }

    /** No connection is left to hear of new keys from, so old lists of keys must not stand in their way. */
    void allConnectionsLost() {
        synchronized (this) {
            if (keys == null) {
                return;
            }
            keys = null;
        }
        onKeys.forEach(Runnable::run);
    }

    /** Ids of the keys that this issuer publishes; empty when nobody told us. */
    Optional<Set<String>> keys(String issuer) {
        return Optional.ofNullable(keys)
                .filter(known -> known.issuer().equals(issuer))
                .map(Keys::ids);
    }

    /** Whether a token of this bearer is dead. */
    boolean covers(Bearer bearer) {
        return isMarked(MarkedName.session(bearer.session()), bearer)
                || isMarked(MarkedName.person(bearer.subject()), bearer)
                || isMarked(MarkedName.service(bearer.service()), bearer)
                || bearer.audiences().stream().anyMatch(audience -> isMarked(MarkedName.application(audience), bearer))
                || hasWithdrawnKey(bearer);
    }

    private boolean isMarked(MarkedName name, Bearer bearer) {
        Held held = marks.get(name);
        return held != null && bearer.issuedAt().toEpochMilli() <= held.issuedUpTo();
    }

    private boolean hasWithdrawnKey(Bearer bearer) {
        String key = bearer.key();
        return key != null
                && keys(bearer.issuer()).map(ids -> !ids.contains(key)).orElse(false);
    }

    /** How many marks are kept. */
    int size() {
        return marks.size();
    }
}
