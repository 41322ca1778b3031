package io.sallyport.connector;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * The edge's addresses. Names are resolved at each attempt, because the edge may have moved. Connection i uses the i-th
 * address, and the next one after a failure, so that several connections reach several replicas.
 */
final class EdgeAddresses {
    private static final int PORT = 7844;

    private final List<HostPort> edges;
    private final int family;

    /** @throws InvalidConfiguration when an entry is not a host with a port */
    EdgeAddresses(List<String> edges, int family) {
        this.edges = edges.stream().map(EdgeAddresses::parse).toList();
        this.family = family;
        if (edges.isEmpty()) {
            throw new InvalidConfiguration("no edge to connect to: set one with --edge HOST:PORT");
        }
    }

    private static HostPort parse(String text) {
        HostPort parsed = HostPort.parse(text, PORT);
        if (parsed == null || parsed.port() == 0) {
            throw new InvalidConfiguration("edge: '" + text + "' is not HOST:PORT");
        }
        return parsed;
    }

    /**
     * The address for one attempt. Blocks for name resolution, so it must not be called on an event loop.
     *
     * @param turn the connection's number plus its failures
     */
    InetSocketAddress pick(int turn) throws UnknownHostException {
        List<InetSocketAddress> all = new ArrayList<>();
        UnknownHostException unknown = null;
        for (HostPort edge : edges) {
            try {
                for (InetAddress address : InetAddress.getAllByName(edge.host())) {
                    if (family == 0 || (family == 4) == (address instanceof Inet4Address)) {
                        all.add(new InetSocketAddress(address, edge.port()));
                    }
                }
            } catch (UnknownHostException e) {
                unknown = e;
            }
        }
        if (all.isEmpty()) {
            throw unknown == null
                    ? new UnknownHostException("the edge has no address of the requested IP version")
                    : unknown;
        }
        return all.get(Math.floorMod(turn, all.size()));
    }
}
