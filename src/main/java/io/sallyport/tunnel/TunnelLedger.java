package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The deployment's table of live connections: each replica records its own. A connection whose row a heartbeat no
 * longer finds was dropped by an admin, and its replica closes it. Every method blocks. An exception means that the
 * database did not answer and nothing was written; the call is to be repeated before the next heartbeat. A {@link
 * RefusedException} means that the database will never accept this data.
 */
public interface TunnelLedger {
    /** Interval of heartbeats; after three missed ones a replica's connections are considered gone. */
    Duration HEARTBEAT = Duration.ofSeconds(10);

    /**
     * Records a connection, replacing any other with the same tunnel, client and index.
     *
     * @return false when the tunnel was deleted meanwhile: the connection is to be closed
     */
    boolean registered(Registration connection);

    /**
     * Removes a connection. It is no error if it is not recorded.
     *
     * @param last its traffic when it closed
     */
    void closed(UUID connection, String reason, Traffic last);

    /** Records which version of the pushed configuration a connector has applied. */
    void configured(TunnelId tunnel, UUID client, int version);

    /**
     * Stores the configuration that a connector of a locally managed tunnel reports, for admins to see. It creates no
     * routes (TU-02).
     *
     * @param json one JSON object; anything else is not kept
     */
    void localConfiguration(TunnelId tunnel, String json);

    /**
     * Records that this replica is alive, and the traffic of its recorded connections. Called every {@link #HEARTBEAT}
     * and after every new snapshot.
     */
    Heartbeat heartbeat(Map<UUID, Traffic> held);

    /** This replica's id, as the others see it. */
    UUID replica();

    /**
     * Sets the address at which others reach this replica. Takes effect with the next heartbeat; does not block.
     *
     * @param host an address or a name
     */
    void reachableAt(String host, int port);

    /** The other live replicas that have an address, and their connections. */
    List<Elsewhere> elsewhere();

    /**
     * Another replica.
     *
     * @param connections how many live connections it holds of each connector of each tunnel; those it has none of are missing
     */
    record Elsewhere(UUID replica, String host, int port, Map<TunnelId, Map<UUID, Integer>> connections) {
        /** Copies the map. */
        public Elsewhere {
            connections = Map.copyOf(connections);
        }
    }

    /** Removes every connection of this replica, at its end. */
    void leave(String reason);

    /**
     * The result of a heartbeat.
     *
     * @param forgotten whether this replica was silent for so long that it was considered gone: it must record all its
     *     connections again
     * @param noted its connections that are still recorded
     */
    record Heartbeat(boolean forgotten, Set<UUID> noted) {
        /** Copies the set. */
        public Heartbeat {
            noted = Set.copyOf(noted);
        }
    }

    /**
     * The traffic of a connection since it was opened.
     *
     * @param bytesIn from the connector
     * @param bytesOut to the connector
     * @param roundTrip null when it was not measured
     * @param lastError null when every request got its answer
     */
    record Traffic(
            long requests,
            long bytesIn,
            long bytesOut,
            @Nullable Duration roundTrip,
            @Nullable LastError lastError) {}

    /** When and why a request over a connection last failed, for operators. */
    record LastError(Instant at, String what) {}

    /** The database will never accept this data of one connection; data of others is not affected. */
    final class RefusedException extends RuntimeException {
        /** @param cause the database's error */
        public RefusedException(Throwable cause) {
            super("the database refuses it: " + cause.getMessage(), cause);
        }
    }
}
