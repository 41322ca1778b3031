package io.sallyport.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Limits the requests that are held open until there is an answer (long polls), in all and per source (DO-04). */
public final class WaitingRoom {
    private final Semaphore places;
    private final int ofOneSource;
    private final Map<String, Integer> sources = new ConcurrentHashMap<>();

    /**
     * An empty one.
     *
     * @param most requests at once
     * @param ofOneSource requests at once of one source
     */
    public WaitingRoom(int most, int ofOneSource) {
        this.places = new Semaphore(most);
        this.ofOneSource = ofOneSource;
    }

    /** Takes a place; false when there is none. A caller that got one must call {@link #leave}. */
    public boolean enter(String source) {
        if (!places.tryAcquire()) {
            return false;
        }
        int here = sources.merge(source, 1, Integer::sum);
        if (here > ofOneSource) {
            leave(source);
            return false;
        }
        return true;
    }

    /** Gives the place back. */
    public void leave(String source) {
        sources.computeIfPresent(source, (_, here) -> here == 1 ? null : here - 1);
        places.release();
    }
}
