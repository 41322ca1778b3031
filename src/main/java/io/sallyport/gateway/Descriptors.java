package io.sallyport.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many descriptors the system still grants this process, and how many connections of clients and of connectors fit into them
 * (DO-06). One too many is closed at its accept, so that those who are connected always get a connection to their origin, and neither
 * crowd takes what the other needs.
 *
 * @param free that may still be opened
 */
record Descriptors(long free) {
    /** For the database, for files and for whatever else runs beside the edge. */
    private static final int KEPT_BACK = 200;
    /** A client's connection needs another one to an origin. */
    private static final int OF_A_CLIENT = 2;
    /** When there are too few for all: a tunnel has a handful of connections, and many visitors. */
    private static final int PART_OF_CONNECTORS = 16;
    /** Fewer would be no gate at all. */
    private static final int FEWEST = 16;

    /** Those of this process, as far as the system has a bound for it. */
    static Descriptors ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? new Descriptors(system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount())
                : new Descriptors(Long.MAX_VALUE);
    }

    /**
     * As many connections of clients as were asked for, or as there is room for when that is less.
     *
     * @param connectors room that is theirs
     */
    int connections(int wanted, int connectors) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK - connectors) / OF_A_CLIENT));
    }

    /** As many connections of connectors as were asked for, or as there is room for beside clients when that is less. */
    int connectors(int wanted) {
        return (int) Math.min(wanted, Math.max(FEWEST, (free - KEPT_BACK) / PART_OF_CONNECTORS));
    }
}
