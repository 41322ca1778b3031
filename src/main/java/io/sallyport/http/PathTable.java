package io.sallyport.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The path patterns of one host, found by what stands before their first {@code *}. One pass over the path keeps its rolling
 * hash and looks it up at each prefix length that occurs; the deepest hit is the most specific. Only patterns that share the
 * very same prefix are tried one after another. Allocates nothing on a look-up.
 */
final class PathTable<T> {
    /** A pattern with its value in the shape {@link HostTable#find} returns. */
    record Candidate<T>(HostPattern host, PathPattern path, long age, Optional<T> value) {
        /** A literal host comes before all others, but not by this: {@link HostTable} knows it by where it looked. */
        static final Comparator<Candidate<?>> MOST_SPECIFIC_FIRST = Comparator.<Candidate<?>>comparingInt(
                        c -> -c.host.literals())
                .thenComparingInt(c -> -c.path.prefix().length())
                .thenComparing(c -> !c.path.isLiteral())
                .thenComparingInt(c -> c.host.wildcards() + c.path.wildcards())
                .thenComparingLong(Candidate::age);

        /** Whether this pattern, read loosely, is that one. */
        boolean readsLike(Candidate<T> loose) {
            return host.normal().equals(loose.host.normal())
                    && path.loose().normal().equals(loose.path.normal());
        }

        static <T> Candidate<T> of(HostTable.Entry<T> entry) {
            UrlPattern pattern = entry.pattern();
            return new Candidate<>(
                    pattern.hostPattern(), pattern.pathPattern(), entry.age(), Optional.of(entry.value()));
        }
    }

    private record Slot<T>(
            int hash,
            String prefix,
            List<Candidate<T>> candidates,
            @Nullable Slot<T> next) {}

    private final int[] prefixLengths;
    private final @Nullable Slot<T>[] slots;

    PathTable(List<Candidate<T>> candidates) {
        Map<String, List<Candidate<T>>> byPrefix = new LinkedHashMap<>();
        candidates.stream()
                .sorted(Candidate.MOST_SPECIFIC_FIRST)
                .forEach(c -> byPrefix.computeIfAbsent(c.path().prefix(), _ -> new ArrayList<>())
                        .add(c));
        this.prefixLengths = byPrefix.keySet().stream()
                .mapToInt(String::length)
                .sorted()
                .distinct()
                .toArray();
        this.slots = slots(byPrefix);
    }

    @SuppressWarnings("unchecked") // arrays of generics cannot be made otherwise; this one stays private
    private static <T> @Nullable Slot<T>[] slots(Map<String, List<Candidate<T>>> byPrefix) {
        @Nullable Slot<T>[] slots = (@Nullable Slot<T>[]) new Slot<?>[Integer.highestOneBit(byPrefix.size()) * 2];
        byPrefix.forEach((prefix, candidates) -> {
            int index = index(prefix.hashCode(), slots.length);
            slots[index] = new Slot<>(prefix.hashCode(), prefix, List.copyOf(candidates), slots[index]);
        });
        return slots;
    }

    /** The most specific pattern that covers the folded path. */
    @Nullable
    Candidate<T> find(String folded) {
        Candidate<T> best = null;
        int hash = 0; // of the first `at` characters, as String.hashCode defines it
        int at = 0;
        for (int length : prefixLengths) {
            if (length > folded.length()) {
                break;
            }
            for (; at < length; at++) {
                hash = 31 * hash + folded.charAt(at);
            }
            Candidate<T> found = findAt(folded, length, hash);
            best = found == null ? best : found;
        }
        return best;
    }

    private @Nullable Candidate<T> findAt(String folded, int length, int hash) {
        for (Slot<T> slot = slots[index(hash, slots.length)]; slot != null; slot = slot.next) {
            if (slot.hash == hash && slot.prefix.length() == length && folded.startsWith(slot.prefix)) {
                List<Candidate<T>> candidates = slot.candidates;
                for (int i = 0; i < candidates.size(); i++) {
                    if (candidates.get(i).path.coversAfterPrefix(folded)) {
                        return candidates.get(i);
                    }
                }
            }
        }
        return null;
    }

    private static int index(int hash, int size) {
        return (hash ^ hash >>> 16) & (size - 1);
    }
}
