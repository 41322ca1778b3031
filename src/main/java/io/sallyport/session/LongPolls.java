package io.sallyport.session;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Places for requests that are held back for most of a minute, which anybody may ask for: so many at all, and so many of one source
 * (DO-04). When all are taken, the source with most of them gives its oldest up: a handful of sources could otherwise keep everybody
 * else out for as long as they like, and a command line that is turned away at once has tried ten times within a second.
 */
public final class LongPolls {
    private final int most;
    private final int ofOneSource;
    /** Of each source the oldest first; guarded by this, as is the number. */
    private final Map<String, Deque<Place>> places = new HashMap<>();

    private int taken;

    /**
     * None held yet.
     *
     * @param most requests at once
     * @param ofOneSource requests at once of one source
     */
    public LongPolls(int most, int ofOneSource) {
        this.most = most;
        this.ofOneSource = ofOneSource;
    }

    /** Whoever has one is to close it in the end. */
    public final class Place implements AutoCloseable {
        private final String source;
        private volatile boolean isCalledOff;

        private Place(String source) {
            this.source = source;
        }

        /** Whether somebody else was given it: the request is to be answered now. */
        public boolean isCalledOff() {
            return isCalledOff;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** A place; none when there is none for this source. */
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

    /** Whether a source that has more gave one up. */
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
