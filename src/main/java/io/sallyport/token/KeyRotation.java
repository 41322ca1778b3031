package io.sallyport.token;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When keys begin and end (JW-02), as a pure function of the stored keys and the time. The caller applies the
 * changes in one transaction; repeating that is harmless.
 *
 * <p>There is always a <em>next</em> key, published as soon as the previous one took over and signing only when its
 * time has come. So validators see two keys from the first day on, a rotation by hand can take effect at once, and a
 * validator that keeps keys for weeks still knows the new one. The change of keys needs no action: the times are stored
 * with the keys, and every replica follows them.
 *
 * @param interval between scheduled rotations
 * @param longestTokenLife the longest application or global session configured; a key verifies at least as long after
 *     its last signature
 */
public record KeyRotation(Duration interval, Duration longestTokenLife) {
    /** The API refuses intervals outside. */
    public static final int SHORTEST_INTERVAL_DAYS = 21;

    /** The API refuses intervals outside. */
    public static final int LONGEST_INTERVAL_DAYS = 365;

    private static final Duration PREVIOUS_STAYS = Duration.ofDays(7);

    /** What validators may cache, plus the time until every replica publishes it, generously. */
    private static final Duration PUBLISHED_BEFORE_USE = JwksDocument.MAX_AGE.plus(Duration.ofMinutes(1));

    /**
     * A stored key's times.
     *
     * @param retiresAt null while no newer key has a date
     */
    public record Times(
            String kid,
            Instant publishedAt,
            Instant signsFrom,
            @Nullable Instant retiresAt) {}

    /** Something to do to the stored keys, in order. */
    public sealed interface Change {
        /** Make a key with these times. */
        record Create(Instant publishedAt, Instant signsFrom) implements Change {}

        /** Give a key these times. */
        record Reschedule(
                String kid, Instant signsFrom, @Nullable Instant retiresAt) implements Change {}

        /** Delete a key that has expired. */
        record Delete(String kid) implements Change {}
    }

    /**
     * The API's object.
     *
     * @param daysUntilNextRotation rounded up, zero when it is due
     */
    public record Status(int keyRotationIntervalDays, int daysUntilNextRotation, Instant lastKeyRotationAt) {}

    /** What is due now: the first keys, a next key, the end of old ones. Never moves a date that was already announced. */
    public List<Change> due(List<Times> keys, Instant now) {
        List<Times> begun = begun(keys, now);
        if (begun.isEmpty()) {
            return firstKeys(keys, now);
        }
        List<Change> changes = new ArrayList<>();
        for (int i = 1; i < begun.size(); i++) {
            retire(begun.get(i), begun.get(i - 1), now).ifPresent(changes::add);
        }
        if (next(keys, now).isEmpty()) {
            Instant scheduled = begun.getFirst().signsFrom().plus(interval);
            changes.add(new Change.Create(now, later(scheduled, now.plus(PUBLISHED_BEFORE_USE))));
        }
        return changes;
    }

    /**
     * Rotation by hand: the next key signs now, or as soon as it has been published for long enough. Tokens signed by
     * the old key stay valid.
     */
    public List<Change> rotate(List<Times> keys, Instant now) {
        return moveNext(keys, now, now);
    }

    /** New date for the next key after the interval was changed; a change of keys that is already imminent stays. */
    public List<Change> reschedule(List<Times> keys, Instant now) {
        List<Times> begun = begun(keys, now);
        boolean imminent = next(keys, now)
                .filter(next -> next.signsFrom().isBefore(now.plus(PUBLISHED_BEFORE_USE)))
                .isPresent();
        return begun.isEmpty() || imminent
                ? due(keys, now)
                : moveNext(keys, begun.getFirst().signsFrom().plus(interval), now);
    }

    /**
     * After a compromise: all keys become invalid immediately, with every token they signed. That includes the next
     * key, which was stored in the same place.
     */
    public List<Change> emergency(List<Times> keys, Instant now) {
        return firstKeys(keys, now);
    }

    /** The numbers the API shows. */
    public Status status(List<Times> keys, Instant now) {
        Instant last =
                begun(keys, now).stream().findFirst().map(Times::signsFrom).orElse(now);
        Instant upcoming = next(keys, now).map(Times::signsFrom).orElse(last.plus(interval));
        Duration left = Duration.between(now, upcoming);
        int days = left.isNegative()
                ? 0
                : (int) Math.ceilDiv(left.toSeconds(), Duration.ofDays(1).toSeconds());
        return new Status((int) interval.toDays(), days, last);
    }

    private List<Change> firstKeys(List<Times> old, Instant now) {
        List<Change> changes = new ArrayList<>();
        old.forEach(key -> changes.add(new Change.Delete(key.kid())));
        // Nobody has cached a key set of ours yet, or what they cached must
        // not count any more: the first key signs at once.
        changes.add(new Change.Create(now, now));
        changes.add(new Change.Create(now, now.plus(interval)));
        return changes;
    }

    private List<Change> moveNext(List<Times> keys, Instant wanted, Instant now) {
        Optional<Times> next = next(keys, now);
        if (next.isEmpty() || begun(keys, now).isEmpty()) {
            return due(keys, now);
        }
        Times key = next.get();
        Instant earliest = later(now, key.publishedAt().plus(PUBLISHED_BEFORE_USE));
        Times moved = new Times(key.kid(), key.publishedAt(), later(wanted, earliest), key.retiresAt());
        if (moved.equals(key) || (wanted.equals(now) && key.signsFrom().isBefore(moved.signsFrom()))) {
            return due(keys, now);
        }
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Reschedule(moved.kid(), moved.signsFrom(), moved.retiresAt()));
        changes.addAll(due(keys.stream().map(k -> k.equals(key) ? moved : k).toList(), now));
        return changes;
    }

    private Optional<Change> retire(Times old, Times successor, Instant now) {
        Instant stays = successor.signsFrom().plus(later(PREVIOUS_STAYS, longestTokenLife));
        if (old.retiresAt() != null && !now.isBefore(old.retiresAt())) {
            return Optional.of(new Change.Delete(old.kid()));
        }
        // Only ever later: a token it signed may live as long as durations were when it signed.
        return old.retiresAt() == null || old.retiresAt().isBefore(stays)
                ? Optional.of(new Change.Reschedule(old.kid(), old.signsFrom(), stays))
                : Optional.empty();
    }

    /** Keys that sign or have signed, newest first. */
    private static List<Times> begun(List<Times> keys, Instant now) {
        return keys.stream()
                .filter(key -> !now.isBefore(key.signsFrom()))
                .sorted(Comparator.comparing(Times::signsFrom).reversed())
                .toList();
    }

    private static Optional<Times> next(List<Times> keys, Instant now) {
        return keys.stream().filter(key -> now.isBefore(key.signsFrom())).min(Comparator.comparing(Times::signsFrom));
    }

    private static <T extends Comparable<T>> T later(T a, T b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
