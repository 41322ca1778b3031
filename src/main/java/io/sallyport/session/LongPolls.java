package io.sallyport.session;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits long polls, which anybody may start: their total number and the number per source (DO-04). When the total is reached, the source
 * with the most polls loses its oldest one to the newcomer. Otherwise a handful of sources could block all others, and cloudflared
 * gives up after ten polls, which take less than a second if each is rejected at once.
 */
public final class LongPolls {
    private final int most;
    private final int ofOneSource;
    /** By source, oldest first; guarded by this, as is {@link #taken}. */
    private final Map<String, Deque<Place>> places = new HashMap<>();

    private int taken;

    /**
     * Creates an instance without polls.
     *
     * @param most concurrent polls in total
     * @param ofOneSource concurrent polls per source
     */
    public LongPolls(int most, int ofOneSource) {
        this.most = most;
        this.ofOneSource = ofOneSource;
    }

    /** One poll's place; must be closed when the poll ends. */
    public final class Place implements AutoCloseable {
        private final String source;
        private volatile boolean isCalledOff;

        private Place(String source) {
            this.source = source;
        }

        /** Whether the place was given to another poll, so that this one must be answered now. */
        public boolean isCalledOff() {
            return isCalledOff;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** Takes a place; empty when this source may have no more. */
    public synchronized Optional<Place> enter(String source) {
        Deque<Place> own = places.getOrDefault(source, new ArrayDeque<>());
        if (own.size() >= ofOneSource || (taken >= most && !callOffFor(own.size() + 1))) {
            return Optional.empty();
        }
        Place place = new Place(source);
        places.computeIfAbsent(source, _ -> own).addLast(place);
        taken++;
        return Optional.of(place);
    }

    /** Takes a place from the source with the most; false when none has more than {@code wanted}. */
    private boolean callOffFor(int wanted) {
        Place oldest = places.values().stream()
                .max(Comparator.comparingInt(Deque::size))
                .filter(busiest -> busiest.size() > wanted)
                .map(Deque::getFirst)
                .orElse(null);
        if (oldest == null) {
            return false;
        }
        remove(oldest);
        oldest.isCalledOff = true;
        return true;
    }

    private synchronized void leave(Place place) {
        if (!place.isCalledOff) {
            remove(place);
        }
    }

    private void remove(Place place) {
        Deque<Place> own = places.get(place.source);
        if (own != null && own.remove(place)) {
            taken--;
            if (own.isEmpty()) {
                places.remove(place.source);
            }
        }
    }
}
