package io.sallyport.control;

import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.TunnelLedger.Elsewhere;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The replicas of the edge as they know each other from the database: each says again and again that it lives, and where the others
 * reach it. Signs of life are compared by the database's clock alone.
 */
final class EdgeReplicas {
    private final UUID own = UUID.randomUUID();
    private final AtomicBoolean announced = new AtomicBoolean();
    private final AtomicBoolean forgotten = new AtomicBoolean();
    private final JdbcClient jdbc;
    private final Duration silence;
    private final String location;
    private volatile @Nullable Door door;

    /**
     * The replicas, as one of them sees them.
     *
     * @param silence after which a replica is taken for gone
     * @param location short name of this replica's site
     */
    EdgeReplicas(JdbcClient jdbc, Duration silence, String location) {
        this.jdbc = jdbc;
        this.silence = silence;
        this.location = location;
    }

    /** Where the others reach this replica. */
    private record Door(String host, int port) {}

    /** The id of this replica, new with each start. */
    UUID own() {
        return own;
    }

    /** From the next sign of life on the others find this replica there. */
    void reachableAt(String host, int port) {
        door = new Door(host, port);
    }

    /** A sign of life. A replica that gave one before and is not known any more was taken for gone, with all its connections. */
    void beat() {
        Door known = door;
        boolean isNew = jdbc.sql("""
                        insert into edge_replicas (id, last_seen_at, address, port, location)
                        values (:id, clock_timestamp(), :address, :port, :location)
                        on conflict (id) do update set
                            last_seen_at = excluded.last_seen_at, address = excluded.address, port = excluded.port
                        returning xmax = 0""")
                .param("id", own)
                .param("address", known == null ? null : known.host())
                .param("port", known == null ? null : known.port())
                .param("location", location)
                .query(Boolean.class)
                .single();
        if (isNew && announced.getAndSet(true)) {
            forgotten.set(true);
        }
    }

    /** Whether this replica was taken for gone since it was last asked. */
    boolean wasForgotten() {
        return forgotten.getAndSet(false);
    }

    /** Whoever gave no sign of life since then is gone. */
    OffsetDateTime silentSince() {
        return jdbc.sql("select clock_timestamp() - make_interval(secs => ?)")
                .param(silence.toSeconds())
                .query(OffsetDateTime.class)
                .single();
    }

    /** Forgets those that are gone, once none of their connections is noted any more. */
    void forget(OffsetDateTime silentSince) {
        jdbc.sql("""
                        delete from edge_replicas r where last_seen_at < ?
                        and not exists (select from tunnel_connections where replica_id = r.id)""").param(silentSince).update();
    }

    /** One row of the directory. */
    private record Held(UUID replica, Door door, TunnelId tunnel, UUID client, int connections) {}

    /** The other replicas that live and can be reached, each with the connections it holds. */
    List<Elsewhere> elsewhere() {
        List<Held> held = jdbc.sql("""
                        select r.id, r.address, r.port, c.tunnel_id, c.client_id, count(*)
                        from edge_replicas r join tunnel_connections c on c.replica_id = r.id
                        where r.id <> :self and r.address is not null
                          and r.last_seen_at > clock_timestamp() - make_interval(secs => :silence)
                        group by r.id, c.tunnel_id, c.client_id""")
                .param("self", own)
                .param("silence", silence.toSeconds())
                .query((row, number) -> new Held(
                        row.getObject(1, UUID.class),
                        new Door(row.getString(2), row.getInt(3)),
                        new TunnelId(row.getObject(4, UUID.class)),
                        row.getObject(5, UUID.class),
                        row.getInt(6)))
                .list();
        return held.stream().collect(Collectors.groupingBy(Held::replica)).values().stream()
                .map(of -> new Elsewhere(
                        of.getFirst().replica(),
                        of.getFirst().door().host(),
                        of.getFirst().door().port(),
                        of.stream()
                                .collect(Collectors.groupingBy(
                                        Held::tunnel, Collectors.toMap(Held::client, Held::connections)))))
                .toList();
    }
}
