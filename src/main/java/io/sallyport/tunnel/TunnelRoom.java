package io.sallyport.tunnel;

/**
 * The resources of this process that connectors may use.
 *
 * @param sockets connections over TCP, which need a file descriptor each; connections over UDP share a few
 * @param windows bytes by which the windows of QUIC streams together may exceed their initial size
 */
public record TunnelRoom(int sockets, long windows) {
    /** Connections over TCP when there are enough file descriptors. */
    public static final int MOST_SOCKETS = Newcomers.MOST;

    private static final int PART_OF_THE_HEAP = 4;

    /**
     * With this many connections, and a budget for windows of a quarter of the heap's size. Windows are outside of the
     * heap, but the heap's size tells how large the machine is.
     */
    public static TunnelRoom of(int sockets) {
        return new TunnelRoom(sockets, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP);
    }

    /** Without a lack of file descriptors. */
    static TunnelRoom ample() {
        return of(MOST_SOCKETS);
    }
}
