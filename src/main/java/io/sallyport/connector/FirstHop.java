package io.sallyport.connector;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/**
 * The largest QUIC packet for the first hop to an edge, from the MTU of the local interface. Longer packets would be
 * fragmented here; path MTU discovery covers the rest of the path (RFC 9000 §14.3).
 */
final class FirstHop {
    /** Bytes of an IP packet on a usual Ethernet. */
    private static final int ETHERNET = 1_500;
    /** Bytes that every path must carry for QUIC (RFC 9000 §14). */
    private static final int LEAST = 1_200;

    private static final int IPV4_AND_UDP = 20 + 8;
    private static final int IPV6_AND_UDP = 40 + 8;

    private FirstHop() {}

    /**
     * The longest payload, {@link Sockets#LONGEST_PACKET} at most.
     *
     * @param source the address to send from; a wildcard for the system's choice
     */
    static int longestPayload(InetSocketAddress edge, InetSocketAddress source) {
        int headers = edge.getAddress() instanceof Inet6Address ? IPV6_AND_UDP : IPV4_AND_UDP;
        return Math.clamp((long) mtu(edge, source) - headers, LEAST, Sockets.LONGEST_PACKET);
    }

    private static int mtu(InetSocketAddress edge, InetSocketAddress source) {
        try (DatagramSocket socket = new DatagramSocket(source)) {
            socket.connect(edge); // sends nothing: the system only selects the interface
            NetworkInterface first = NetworkInterface.getByInetAddress(socket.getLocalAddress());
            return first == null ? ETHERNET : first.getMTU();
        } catch (IOException | RuntimeException e) { // no route; dialling will report that
            return ETHERNET;
        }
    }
}
