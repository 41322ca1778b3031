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
 * The revocations that the edge has sent. Marks are only added, by all connections, and dropped when every token to which they could
 * apply has expired. The list of keys is the newest one from any live connection. An edge can only revoke here: a hostile edge can
 * make us refuse more, but not admit anybody.
 */
final class Withdrawn {
    /** No token of the edge lives longer than a month. */
    private static final Duration KEPT = Duration.ofDays(31);
    /** Limit of marks, about 8 MiB; the edge sends no more. */
    static final int MOST = 65_536;

    private final InstantSource clock;
    private final ConnectorLog log;
    private final Map<MarkedName, Held> marks = new ConcurrentHashMap<>();
    /** Marks in order of arrival. Guarded by this. */
    private final Deque<Entry> order = new ArrayDeque<>();

    private final List<Runnable> onKeys = new CopyOnWriteArrayList<>();
    private final List<Runnable> onAny = new CopyOnWriteArrayList<>();
    private volatile @Nullable Keys keys;

    /** A stored mark. */
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

    /** Calls this after any change, on the thread that received it. */
    void whenChanged(Runnable then) {
        onAny.add(then);
    }

    /** Adds the revocations of a message from the edge. */
    void take(Withdrawals told) {
        List<Mark> fresh = keep(told);
        boolean isOther = keepKeys(told);
        if (isOther) {
            onKeys.forEach(Runnable::run);
        }
        if (isOther || !fresh.isEmpty()) {
            log.debug(
                    "The edge revoked sessions or keys",
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
                    "Too many revocations: the oldest ones were dropped, and only the edge enforces them",
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

    /** No connection is left that could announce new keys, so the old list of keys is dropped; otherwise new keys would be refused. */
    void allConnectionsLost() {
        synchronized (this) {
            if (keys == null) {
                return;
            }
            keys = null;
        }
        onKeys.forEach(Runnable::run);
    }

    /** Ids of the keys that this issuer publishes; empty when no edge has told us. */
    Optional<Set<String>> keys(String issuer) {
        return Optional.ofNullable(keys)
                .filter(known -> known.issuer().equals(issuer))
                .map(Keys::ids);
    }

    /** Whether the bearer's token is revoked. */
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

    /** The number of stored marks. */
    int size() {
        return marks.size();
    }
}
