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
 * What the whole deployment knows of live connections: each replica writes down those it holds. Being written down is a licence: a
 * connection that a heartbeat no longer finds there was dropped by an admin, and its holder closes it. Every method blocks; an
 * exception means that the database did not answer, nothing was written, and the call is to be made again before the next
 * heartbeat; a {@link RefusedException} that it answered and never will take this.
 */
public interface TunnelLedger {
    /** How often a replica gives a sign of life; three missed ones and its connections are taken for gone. */
    Duration HEARTBEAT = Duration.ofSeconds(10);

    /**
     * Notes a connection, in the place of any other with its tunnel, client and index.
     *
     * @return false when the tunnel was deleted meanwhile: the connection is to be closed
     */
    boolean registered(Registration connection);

    /**
     * Strikes a connection out. One that is not there is no error.
     *
     * @param last what it had carried in the end
     */
    void closed(UUID connection, String reason, Traffic last);

    /** Notes which version of the pushed configuration a connector applies. */
    void configured(TunnelId tunnel, UUID client, int version);

    /**
     * Keeps, for admins to see, the configuration a connector of a locally managed tunnel says it has. It creates no route (TU-02).
     *
     * @param json one JSON object; anything else is not kept
     */
    void localConfiguration(TunnelId tunnel, String json);

    /** Says that this replica lives, and how its noted connections fare. Due at every {@link #HEARTBEAT} and at every new snapshot. */
    Heartbeat heartbeat(Map<UUID, Traffic> held);

    /** This replica's id, as the others see it. */
    UUID replica();

    /**
     * From now on the others are told that they reach this replica there. Takes effect with the next sign of life; waits for
     * nothing.
     *
     * @param host an address or a name
     */
    void reachableAt(String host, int port);

    /** The other living replicas that can be reached, and what they hold. */
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

    /** Strikes out every connection of this replica: its last word. */
    void leave(String reason);

    /**
     * What a heartbeat finds.
     *
     * @param forgotten this replica was silent for so long that it was taken for gone: note all its connections anew
     * @param noted its connections that are still written down
     */
    record Heartbeat(boolean forgotten, Set<UUID> noted) {
        /** Copies the set. */
        public Heartbeat {
            noted = Set.copyOf(noted);
        }
    }

    /**
     * What went over a connection since it was opened.
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

    /** When a request over a connection last got no good answer, and why, for operators. */
    record LastError(Instant at, String what) {}

    /** What one connection wants written down the database will not take, however often it is asked; of others it says nothing. */
    final class RefusedException extends RuntimeException {
        /** @param cause as the database says it */
        public RefusedException(Throwable cause) {
            super("the database refuses it: " + cause.getMessage(), cause);
        }
    }
}
