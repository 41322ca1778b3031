package io.sallyport.tunnel;

/**
 * The resources of this process that connectors and other replicas may use.
 *
 * @param sockets connections of connectors over TCP, which need a file descriptor each; connections over UDP share a few
 * @param links connections of other replicas, which need a file descriptor each
 * @param windows bytes by which the windows of QUIC streams together may exceed their initial size
 */
public record TunnelRoom(int sockets, int links, long windows) {
    /** Connections over TCP when there are enough file descriptors. */
    public static final int MOST_SOCKETS = Newcomers.MOST;
    /** Connections of other replicas when there are enough file descriptors; each has one, and two while it replaces it. */
    public static final int MOST_LINKS = 1_000;

    private static final int PART_OF_THE_HEAP = 4;

    /**
     * With this many connections, and a budget for windows of a quarter of the heap's size. Windows are outside of the
     * heap, but the heap's size tells how large the machine is.
     */
    public static TunnelRoom of(int sockets, int links) {
        return new TunnelRoom(sockets, links, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP);
    }

    /** Without a lack of file descriptors. */
    static TunnelRoom ample() {
        return of(MOST_SOCKETS, MOST_LINKS);
    }

    /** The file descriptors that all of these connections need. */
    public int descriptors() {
        return sockets + links;
    }
}
