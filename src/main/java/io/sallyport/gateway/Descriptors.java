package io.sallyport.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many file descriptors this process may still open, and how many connections of clients, of connectors and of other replicas
 * fit into them (DO-06). Connections beyond that are closed when they are accepted, so that every admitted client can get a
 * connection to its origin, and none of these starves another.
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
    /** One of this many goes to other replicas, of which there is a handful too. */
    private static final int PART_OF_REPLICAS = 64;
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
     * @param others descriptors reserved for connectors and other replicas
     */
    int connections(int wanted, int others) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK - others) / OF_A_CLIENT));
    }

    /**
     * The number of connections over TCP to allow for connectors: what was asked for, or what fits beside clients, if
     * that is less.
     */
    int connectors(int wanted) {
        return part(wanted, PART_OF_CONNECTORS);
    }

    /** The number of connections to allow for other replicas, likewise. */
    int replicas(int wanted) {
        return part(wanted, PART_OF_REPLICAS);
    }

    private int part(int wanted, int part) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK) / part));
    }
}
