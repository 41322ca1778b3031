package io.sallyport.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many file descriptors this process may still open, and how many connections of clients and of connectors fit into
 * them (DO-06). Connections beyond that are closed when they are accepted, so that every admitted client can get a
 * connection to its origin, and neither clients nor connectors starve the other.
 *
 * @param free descriptors that may still be opened
 */
record Descriptors(long free) {
    /** Reserved for the database, files and everything else in this process. */
    private static final int KEPT_BACK = 200;
    /** A client's connection needs a second descriptor, for its origin. */
    private static final int OF_A_CLIENT = 2;
    /**
     * One of this many goes to connectors when there are too few for all: a tunnel has a handful of connections and
     * many visitors.
     */
    private static final int PART_OF_CONNECTORS = 16;
    /** Never fewer: with less the gateway would be useless. */
    private static final int FEWEST = 16;

    /** Those of this process; practically unlimited where the system tells no limit. */
    static Descriptors ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? new Descriptors(system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount())
                : new Descriptors(Long.MAX_VALUE);
    }

    /**
     * The number of client connections to allow: what was asked for, or what fits, if that is less.
     *
     * @param connectors descriptors reserved for connectors
     */
    int connections(int wanted, int connectors) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK - connectors) / OF_A_CLIENT));
    }

    /**
     * The number of connections over TCP to allow for connectors: what was asked for, or what fits beside clients, if
     * that is less.
     */
    int connectors(int wanted) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK) / PART_OF_CONNECTORS));
    }
}
