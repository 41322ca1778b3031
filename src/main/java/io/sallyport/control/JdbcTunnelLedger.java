package io.sallyport.control;

import io.sallyport.catalog.TunnelConfigurations;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.Registration;
import io.sallyport.tunnel.TunnelLedger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ledger in PostgreSQL. Signs of life are compared by the database's clock alone, so that replicas need not agree on the time.
 */
final class JdbcTunnelLedger implements TunnelLedger {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration SILENCE = HEARTBEAT.multipliedBy(3);
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_LOCAL_CONFIGURATION = 1 << 20;

    /** What is remembered of a connection that is gone. */
    private static final String KEPT = "tunnel_id, client_id, conn_index, protocol, origin_ip, opened_at, requests,"
            + " bytes_in, bytes_out, last_error, last_error_at";

    @SuppressWarnings("InlineFormatString") // SQL reads better whole
    private static final String LOCK = """
            select 1 from tunnels where id in (select tunnel_id from tunnel_connections where %s)
            order by id for no key update""";

    /** Removes connections and remembers them: {@code %s} says which. */
    @SuppressWarnings("InlineFormatString") // SQL reads better whole
    private static final String STRIKE_OUT = """
            with gone as (delete from tunnel_connections where %s returning *)
            insert into tunnel_disconnects (connection_id, KEPT, closed_at, reason)
            select id, KEPT, clock_timestamp(), :reason from gone""".replace("KEPT", KEPT);

    /** Strikes out a replica's connections, tunnels locked first as in {@link #strikeOut}, and then the replica. */
    private static final String LEAVE = """
            with locked as materialized (
                select id from tunnels
                where id in (select tunnel_id from tunnel_connections where replica_id = :replica)
                order by id for no key update),
            gone as (
                delete from tunnel_connections
                where replica_id = :replica and tunnel_id in (select id from locked) returning *),
            noted as (
                insert into tunnel_disconnects (connection_id, KEPT, closed_at, reason)
                select id, KEPT, clock_timestamp(), :reason from gone)
            delete from edge_replicas where id = :replica and (select count(*) from gone) >= 0""".replace("KEPT", KEPT);

    private static final Pattern UNPRINTABLE = Pattern.compile("\\p{Cntrl}");

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final JdbcClient farewell;
    private final InstantSource clock;
    private final EdgeReplicas replicas;
    private final ConnectionHistory history;

    /**
     * A ledger of one replica.
     *
     * @param farewell on connections of its own: a pool whose database went away first complains loudly about each that it held
     * @param location short name of this replica's site, as connectors see it
     */
    JdbcTunnelLedger(
            JdbcClient jdbc,
            TransactionOperations transactions,
            JdbcClient farewell,
            InstantSource clock,
            String location) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.farewell = farewell;
        this.clock = clock;
        this.replicas = new EdgeReplicas(jdbc, SILENCE, location);
        this.history = new ConnectionHistory(jdbc, transactions);
    }

    @Override
    public boolean registered(Registration connection) {
        return Boolean.TRUE.equals(answered(() -> transactions.execute(status -> note(connection))));
    }

    private boolean note(Registration connection) {
        replicas.beat();
        if (noteConnector(connection) == 0) {
            return false;
        }
        strikeOut(
                jdbc,
                "tunnel_id = :tunnel and client_id = :client and conn_index = :index and id <> :id",
                "replaced by a newer connection",
                Map.of(
                        "tunnel", connection.tunnel().value(),
                        "client", connection.client(),
                        "index", connection.index(),
                        "id", connection.id()));
        jdbc.sql("""
                            insert into tunnel_connections
                                (id, tunnel_id, client_id, conn_index, replica_id, protocol, origin_ip, opened_at)
                            values (:id, :tunnel, :client, :index, :replica, :protocol, :ip, :opened)
                            on conflict (id) do nothing""")
                .param("id", connection.id())
                .param("tunnel", connection.tunnel().value())
                .param("client", connection.client())
                .param("index", connection.index())
                .param("replica", replicas.own())
                .param("protocol", connection.protocol())
                .param("ip", connection.originIp())
                .param("opened", at(connection.openedAt()))
                .update();
        history.grows(connection.tunnel());
        return true;
    }

    /** Tells what the database will never take from what it could not take now. */
    private static <T extends @Nullable Object> T answered(Supplier<T> step) {
        try {
            return step.get();
        } catch (DataIntegrityViolationException e) {
            throw new RefusedException(e);
        }
    }

    private int noteConnector(Registration connection) {
        return jdbc.sql("""
                        insert into tunnel_connectors
                            (tunnel_id, client_id, version, arch, features, expected, run_at, seen_at)
                        select id, :client, :version, :arch, :features, :index + 1, :opened, now()
                        from tunnels where id = :tunnel and deleted_at is null for no key update
                        on conflict (tunnel_id, client_id) do update
                           set version = excluded.version, arch = excluded.arch, features = excluded.features,
                               expected = greatest(tunnel_connectors.expected, excluded.expected), seen_at = now()""")
                .param("tunnel", connection.tunnel().value())
                .param("client", connection.client())
                .param("version", connection.version())
                .param("arch", connection.arch())
                .param("features", connection.features().toArray(String[]::new))
                .param("index", connection.index())
                .param("opened", at(connection.openedAt()))
                .update();
    }

    @Override
    public void closed(UUID connection, String reason, Traffic last) {
        answered(() -> transactions.execute(status -> {
            // As everybody does: the tunnel first, then its connections.
            jdbc.sql(LOCK.formatted("id = :id"))
                    .param("id", connection)
                    .query(Integer.class)
                    .list();
            noteTraffic(connection, last);
            return strikeOut(jdbc, "id = :id", reason, Map.of("id", connection));
        }));
    }

    @Override
    public void configured(TunnelId tunnel, UUID client, int version) {
        jdbc.sql("update tunnel_connectors set config_version = ? where tunnel_id = ? and client_id = ?")
                .params(version, tunnel.value(), client)
                .update();
    }

    @Override
    public void localConfiguration(TunnelId tunnel, String json) {
        if (json.length() > LONGEST_LOCAL_CONFIGURATION || !isObject(json)) {
            return;
        }
        answered(() -> transactions.execute(status -> {
            // The version is counted from what is there: one writer at a time.
            jdbc.sql("select 1 from tunnels where id = ? for update")
                    .param(tunnel.value())
                    .query(Integer.class)
                    .optional();
            jdbc.sql("""
                            insert into tunnel_configurations (tunnel_id, version, source, config, created_at)
                            select t.id, coalesce(max(c.version), 0) + 1, 'local', cast(:config as json), :now
                            from tunnels t left join tunnel_configurations c on c.tunnel_id = t.id
                            where t.id = :tunnel and t.deleted_at is null
                            group by t.id
                            having (select config::text from tunnel_configurations
                                    where tunnel_id = t.id order by version desc limit 1) is distinct from :config""")
                    .param("config", json)
                    .param("now", at(clock.instant()))
                    .param("tunnel", tunnel.value())
                    .update();
            return jdbc.sql("""
                            delete from tunnel_configurations where tunnel_id = :tunnel and source = 'local' and version <=
                                (select max(version) - :kept from tunnel_configurations where tunnel_id = :tunnel)""")
                    .param("tunnel", tunnel.value())
                    .param("kept", TunnelConfigurations.KEPT)
                    .update();
        }));
    }

    private static boolean isObject(String json) {
        try {
            return JSON.readTree(json) instanceof ObjectNode;
        } catch (JacksonException e) {
            return false;
        }
    }

    @Override
    public Heartbeat heartbeat(Map<UUID, Traffic> held) {
        Heartbeat heartbeat = transactions.execute(status -> {
            replicas.beat();
            held.forEach(this::noteTraffic);
            forgetTheSilent();
            Set<UUID> noted = new HashSet<>(jdbc.sql("select id from tunnel_connections where replica_id = ?")
                    .param(replicas.own())
                    .query(UUID.class)
                    .list());
            return new Heartbeat(replicas.wasForgotten(), noted);
        });
        history.keepFew();
        return Objects.requireNonNull(heartbeat);
    }

    private void noteTraffic(UUID connection, Traffic traffic) {
        Duration roundTrip = traffic.roundTrip();
        LastError error = traffic.lastError();
        jdbc.sql("""
                        update tunnel_connections
                           set requests = :requests, bytes_in = :in, bytes_out = :out, rtt_micros = :rtt,
                               last_error = :error, last_error_at = :errorAt
                         where id = :id""")
                .param("requests", traffic.requests())
                .param("in", traffic.bytesIn())
                .param("out", traffic.bytesOut())
                .param("rtt", micros(roundTrip))
                .param("error", error == null ? null : cut(error.what()))
                .param("errorAt", error == null ? null : at(error.at()))
                .param("id", connection)
                .update();
    }

    private static @Nullable Long micros(@Nullable Duration duration) {
        return duration == null ? null : duration.toNanos() / 1_000;
    }

    private void forgetTheSilent() {
        OffsetDateTime silentSince = replicas.silentSince();
        strikeOut(
                jdbc,
                "replica_id in (select id from edge_replicas where last_seen_at < :silent)",
                "the replica that held it is gone",
                Map.of("silent", silentSince));
        replicas.forget(silentSince);
        history.forgetTheOld();
    }

    @Override
    public UUID replica() {
        return replicas.own();
    }

    @Override
    public void reachableAt(String host, int port) {
        replicas.reachableAt(host, port);
    }

    @Override
    public List<Elsewhere> elsewhere() {
        return replicas.elsewhere();
    }

    /** In one statement, which needs no transaction to be rolled back when the database is stopped beside us. */
    @Override
    public void leave(String reason) {
        farewell.sql(LEAVE)
                .param("replica", replicas.own())
                .param("reason", cut(reason))
                .update();
    }

    /**
     * Removes connections and remembers why, in the surrounding transaction. Their tunnels are locked first, as a registration does,
     * so that the two never wait for each other.
     *
     * @param which a condition on connections
     * @return how many there were
     */
    static int strikeOut(JdbcClient jdbc, String which, String reason, Map<String, ?> parameters) {
        jdbc.sql(LOCK.formatted(which)).params(parameters).query(Integer.class).list();
        return jdbc.sql(STRIKE_OUT.formatted(which))
                .params(parameters)
                .param("reason", cut(reason))
                .update();
    }

    /** What the other end may have had a hand in: a database takes no NUL. */
    private static String cut(String reason) {
        String cut = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
        return UNPRINTABLE.matcher(cut).replaceAll("?");
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
