package io.sallyport.tunnel;

/**
 * What connectors may use of this process.
 *
 * @param sockets connections over TCP, each of which has a descriptor; those over UDP share a few
 * @param windows bytes that QUIC streams may have standing open beyond the windows of their own
 */
public record TunnelRoom(int sockets, long windows) {
    /** Connections that are taken where there are descriptors enough. */
    public static final int MOST_SOCKETS = Newcomers.MOST;

    private static final int PART_OF_THE_HEAP = 4;

    /** Windows lie outside of the heap, and who sizes the one has a machine for the other. */
    public static TunnelRoom of(int sockets) {
        return new TunnelRoom(sockets, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP);
    }

    /** Where descriptors are no matter. */
    static TunnelRoom ample() {
        return of(MOST_SOCKETS);
    }
}
