package io.sallyport.http;

import org.jspecify.annotations.Nullable;

/**
 * Limits how many DATA frames of one HTTP/2 stream wait until somebody reads them. A stream's window bounds their bytes (RFC 9113
 * §6.9), but each frame that waits takes more than a hundred bytes of memory besides, however few it carries. The sizes of the
 * last frames are remembered in groups: when together they are no more than what is unread, all of these frames are unread. Not
 * shared between threads.
 */
public final class UnreadFrames {
    private static final int GROUP = 64;

    private final int most;
    /** The bytes of each of the last groups, in a ring; null while there was none, as most streams have few frames. */
    private int @Nullable [] groups;

    private int next;
    private int whole;
    private long remembered;
    private int group;
    private int frames;

    /** @param most frames that may wait, give or take {@value #GROUP} */
    public UnreadFrames(int most) {
        this.most = most;
    }

    /**
     * Counts a frame that has arrived.
     *
     * @param bytes what it takes of the stream's window
     * @param unread bytes of the stream that nobody has read, with those of this frame
     * @return false when too many frames wait
     */
    public boolean admits(int bytes, int unread) {
        group += bytes;
        if (++frames < GROUP) {
            return true;
        }
        int[] ring = groups;
        if (ring == null) {
            ring = new int[most / GROUP];
            groups = ring;
        }
        remembered += group - ring[next];
        ring[next] = group;
        next = (next + 1) % ring.length;
        whole = Math.min(whole + 1, ring.length);
        group = 0;
        frames = 0;
        return whole < ring.length || unread == 0 || remembered > unread;
    }
}
