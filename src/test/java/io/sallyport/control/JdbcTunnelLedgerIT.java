package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sallyport.catalog.PostgresServer;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.tunnel.Registration;
import io.sallyport.tunnel.TunnelLedger;
import io.sallyport.tunnel.TunnelLedger.Heartbeat;
import io.sallyport.tunnel.TunnelLedger.Traffic;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The ledger of live connections on a real database, as two replicas write it. */
class JdbcTunnelLedgerIT {
    private static final Instant OPENED = Instant.parse("2026-11-27T10:00:00Z");

    private static TestPostgres postgres;
    private static JdbcClient jdbc;
    private final TunnelLedger ledger = ledger("here");
    private final TunnelId tunnel = tunnel();
    private final UUID client = UUID.randomUUID();

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        jdbc = postgres.jdbc();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static TunnelLedger ledger(String location) {
        Map<String, String> settings = postgres.settings();
        DriverManagerDataSource source = new DriverManagerDataSource(
                String.valueOf(settings.get("spring.datasource.url")),
                String.valueOf(settings.get("spring.datasource.username")),
                String.valueOf(settings.get("spring.datasource.password")));
        return new JdbcTunnelLedger(
                JdbcClient.create(source),
                new TransactionTemplate(new JdbcTransactionManager(source)),
                JdbcClient.create(source),
                InstantSource.fixed(OPENED),
                location);
    }

    private static TunnelId tunnel() {
        UUID id = UUID.randomUUID();
        jdbc.sql("insert into tunnels (id, name, config_src, secret, created_at, updated_at)"
                        + " values (?, ?, 'local', '\\x01', now(), now())")
                .params(id, "t-" + id)
                .update();
        return new TunnelId(id);
    }

    private Registration connection(int index) {
        return new Registration(
                UUID.randomUUID(),
                tunnel,
                client,
                index,
                "quic",
                "192.0.2.7",
                "2026.8.2",
                "linux_amd64",
                List.of("serialized_headers"),
                OPENED.plusSeconds(index));
    }

    private Object column(String name) {
        return jdbc.sql("select " + name + " from tunnels where id = ?")
                .param(tunnel.value())
                .query()
                .singleRow()
                .get(name);
    }

    private List<String> reasons() {
        return jdbc.sql("select reason from tunnel_disconnects where tunnel_id = ? order by seq")
                .param(tunnel.value())
                .query(String.class)
                .list();
    }

    @Test
    void aTunnelIsActiveFromItsFirstConnectionToItsLast() {
        assertThat(column("conns_active_at")).isNull();
        Registration first = connection(0);
        Registration second = connection(1);
        assertThat(ledger.registered(first)).isTrue();
        assertThat(ledger.registered(second)).isTrue();
        assertThat(((Timestamp) column("conns_active_at")).toInstant()).isEqualTo(OPENED);
        ledger.closed(first.id(), "connection reset", none());
        assertThat(column("conns_inactive_at")).isNull();
        ledger.closed(second.id(), "unregistered", none());
        ledger.closed(second.id(), "twice is no error", none());
        assertThat(column("conns_active_at")).isNull();
        assertThat(column("conns_inactive_at")).isNotNull();
        assertThat(reasons()).containsExactly("connection reset", "unregistered");
    }

    @Test
    void aConnectionIsAtTheSiteOfTheReplicaThatHoldsIt() {
        ledger.registered(connection(0));
        ledger("there").registered(connection(1));
        jdbc.sql("update edge_replicas set location = null where location = 'here'")
                .update(); // as a replica of an earlier release leaves it
        LiveTunnels asked = new LiveTunnels(jdbc, "asked");

        assertThat(asked.of(List.of(tunnel.value())).connectionsOf(tunnel.value()))
                .extracting(each -> each.path("colo_name").asString())
                .containsExactly("asked", "there");
        assertThat(asked.connectors(tunnel.value()).getFirst().path("conns"))
                .extracting(each -> each.path("colo_name").asString())
                .containsExactly("asked", "there");
    }

    @Test
    void aNewerConnectionOfTheSamePlaceReplacesTheOneBeforeAndNoOther() {
        Registration stale = connection(0);
        Registration other = connection(1);
        Registration fresh = connection(0);
        ledger.registered(stale);
        ledger.registered(other);
        ledger.registered(fresh);
        assertThat(ledger.heartbeat(Map.of()).noted()).containsExactlyInAnyOrder(other.id(), fresh.id());
        assertThat(reasons()).containsExactly("replaced by a newer connection");
    }

    @Test
    @DisplayName("TU-02: a client id copied from another tunnel evicts nobody")
    void tu02AClientIdCopiedFromAnotherTunnelEvictsNobody() {
        Registration ours = connection(0);
        ledger.registered(ours);
        ledger.registered(new Registration(
                UUID.randomUUID(), tunnel(), client, 0, "quic", "192.0.2.8", "x", "y", List.of(), OPENED));
        assertThat(ledger.heartbeat(Map.of()).noted()).contains(ours.id());
        assertThat(reasons()).isEmpty();
    }

    @Test
    void aDroppedConnectionIsNoLongerFoundByItsHoldersHeartbeat() {
        Registration kept = connection(0);
        Registration dropped = connection(1);
        ledger.registered(kept);
        ledger.registered(dropped);
        jdbc.sql("delete from tunnel_connections where id = ?")
                .param(dropped.id())
                .update();
        Heartbeat heartbeat = ledger.heartbeat(
                Map.of(kept.id(), new Traffic(3, 40, 500, Duration.ofMillis(7), null), dropped.id(), none()));
        assertThat(heartbeat.forgotten()).isFalse();
        assertThat(heartbeat.noted()).containsExactly(kept.id());
        assertThat(jdbc.sql("select requests, bytes_in, bytes_out, rtt_micros from tunnel_connections where id = ?")
                        .param(kept.id())
                        .query()
                        .singleRow()
                        .values())
                .containsExactly(3L, 40L, 500L, 7_000L);
    }

    /** The replica that holds the connection gives no sign of life until another replica notices. */
    private void isSilentForTooLong(Registration held) {
        jdbc.sql("update edge_replicas set last_seen_at = now() - interval '31 seconds'"
                        + " where id = (select replica_id from tunnel_connections where id = ?)")
                .param(held.id())
                .update();
        ledger.heartbeat(Map.of());
    }

    @Test
    void theConnectionsOfASilentReplicaAreTakenForGoneAndItIsToldSoWhenItComesBack() {
        TunnelLedger silent = ledger("here");
        Registration lost = connection(0);
        silent.registered(lost);
        isSilentForTooLong(lost);
        assertThat(reasons()).containsExactly("the replica that held it is gone");
        assertThat(column("conns_active_at")).isNull();

        Heartbeat back = silent.heartbeat(Map.of(lost.id(), none()));
        assertThat(back.forgotten()).isTrue();
        assertThat(silent.registered(lost)).isTrue();
        assertThat(silent.heartbeat(Map.of()).noted()).containsExactly(lost.id());
    }

    @Test
    void aReplicaTakenForGoneIsToldSoEvenWhenItsFirstWordIsANewConnection() {
        TunnelLedger silent = ledger("here");
        Registration lost = connection(0);
        silent.registered(lost);
        isSilentForTooLong(lost);
        Registration fresh = connection(1);
        silent.registered(fresh);
        assertThat(silent.heartbeat(Map.of()).forgotten()).isTrue();
        assertThat(silent.heartbeat(Map.of()).forgotten()).isFalse();
    }

    @Test
    void aConnectionThatIsNotedTwiceIsThereOnceAndWasNeverGone() {
        Registration connection = connection(0);
        ledger.registered(connection);
        ledger.registered(connection);
        assertThat(ledger.heartbeat(Map.of()).noted()).containsExactly(connection.id());
        assertThat(reasons()).isEmpty();
    }

    @Test
    void twoReplicasThatNoteAndStrikeOutAtOnceNeverWaitForEachOther() throws Exception {
        TunnelLedger other = ledger("here");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> work = new ArrayList<>();
            for (TunnelLedger each : List.of(ledger, other)) {
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        Registration connection = connection(i % 3);
                        each.registered(connection);
                        each.closed(connection.id(), "done", none());
                    }
                }));
            }
            for (Future<?> each : work) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(column("conns_active_at")).isNull();
        assertThat(column("conns_inactive_at")).isNotNull();
    }

    @Test
    void aDeletedTunnelTakesNoConnection() {
        jdbc.sql("update tunnels set deleted_at = now() where id = ?")
                .param(tunnel.value())
                .update();
        assertThat(ledger.registered(connection(0))).isFalse();
        assertThat(ledger.heartbeat(Map.of()).noted()).isEmpty();
    }

    @Test
    void aReplicaThatLeavesTakesItsConnectionsAlong() {
        ledger.registered(connection(0));
        ledger.leave("the edge shuts down");
        assertThat(reasons()).containsExactly("the edge shuts down");
        assertThat(column("conns_inactive_at")).isNotNull();
    }

    /** As when both are stopped at once: the pool's connections are dead, and a transaction could not be rolled back. */
    @Test
    void aReplicaThatLeavesAfterItsDatabaseFailsWithoutNoise(@TempDir Path directory) {
        try (PostgresServer server = TestPostgres.startServer(directory)) {
            server.createDatabase("sallyport", null);
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(server.jdbcUrl("sallyport"));
            config.setUsername(server.user());
            config.setPassword(server.password());
            try (HikariDataSource pool = new HikariDataSource(config)) {
                Flyway.configure()
                        .dataSource(pool)
                        .locations("classpath:db/migration")
                        .load()
                        .migrate();
                TunnelLedger leaving = new JdbcTunnelLedger(
                        JdbcClient.create(pool),
                        new TransactionTemplate(new JdbcTransactionManager(pool)),
                        JdbcClient.create(TunnelApiConfiguration.unpooled(details(server))),
                        InstantSource.fixed(OPENED),
                        "here");
                leaving.heartbeat(Map.of());
                leaving.leave("a first time, while there is a database");
                server.pause();
                ListAppender<ILoggingEvent> said = new ListAppender<>();
                said.list = new CopyOnWriteArrayList<>(); // it is read while others write
                said.start();
                Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
                root.addAppender(said);
                try {
                    assertThatThrownBy(() -> leaving.leave("the edge shuts down"))
                            .isInstanceOf(DataAccessException.class);
                } finally {
                    root.detachAppender(said);
                }
                String thread = Thread.currentThread().getName();
                assertThat(said.list)
                        .as("ours and our pool's, not what other servers of this JVM say meanwhile")
                        .filteredOn(event -> event.getThreadName().equals(thread)
                                || event.getFormattedMessage().contains(pool.getPoolName()))
                        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                        .isEmpty();
            }
        }
    }

    private static JdbcConnectionDetails details(PostgresServer server) {
        return new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return server.jdbcUrl("sallyport");
            }

            @Override
            public String getUsername() {
                return server.user();
            }

            @Override
            public String getPassword() {
                return server.password();
            }
        };
    }

    @Test
    @DisplayName("TU-02: an uploaded local configuration is kept to be seen, in order, and makes no route")
    void tu02AnUploadedConfigurationIsKeptToBeSeenAndMakesNoRoute() {
        String first =
                "{\"ingress\": [{\"hostname\": \"bank.example.com\", \"service\": \"http://localhost\"}], \"a\": 1}";
        ledger.localConfiguration(tunnel, first);
        ledger.localConfiguration(tunnel, first);
        ledger.localConfiguration(tunnel, "[1]");
        ledger.localConfiguration(tunnel, "{\"cut");
        for (int i = 0; i < 30; i++) {
            ledger.localConfiguration(tunnel, "{\"n\": " + i + "}");
        }
        assertThat(jdbc.sql("select count(*), max(version) from tunnel_configurations where tunnel_id = ?")
                        .param(tunnel.value())
                        .query()
                        .singleRow()
                        .values())
                .containsExactly(20L, 31);
        assertThat(jdbc.sql("select count(*) from hostname_claims where hostname = 'bank.example.com'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    @DisplayName(
            "TU-02: what no database takes is refused for that connection alone, and a reason is cleaned before it is kept")
    void tu02WhatTheDatabaseDoesNotTakeIsToldFromADatabaseThatIsAway() {
        Registration hostile = new Registration(
                UUID.randomUUID(), tunnel, client, 0, "quic", "192.0.2.7", "a\0b", "y", List.of("\0"), OPENED);
        assertThatThrownBy(() -> ledger.registered(hostile)).isInstanceOf(TunnelLedger.RefusedException.class);
        Registration other = connection(1);
        assertThat(ledger.registered(other)).isTrue();
        ledger.closed(other.id(), "it broke the protocol: \0\r\n\u001b[2J", none());
        assertThat(reasons()).containsExactly("it broke the protocol: ????[2J");
    }

    @Test
    @DisplayName("DO-04: who comes and goes under ever new names leaves a bounded trace, and nobody else's goes")
    void do04AFloodOfConnectorsLeavesABoundedTrace() {
        TunnelId neighbour = tunnel();
        for (TunnelId each : List.of(neighbour, tunnel)) {
            jdbc.sql("""
                            insert into tunnel_connectors
                                (tunnel_id, client_id, version, arch, features, expected, run_at, seen_at)
                            select :tunnel, gen_random_uuid(), 'x', 'x', '{}', 1, now(), now() - n * interval '1 second'
                            from generate_series(1, 5000) n""").param("tunnel", each.value()).update();
            jdbc.sql("""
                            insert into tunnel_disconnects (connection_id, tunnel_id, client_id, conn_index, protocol,
                                origin_ip, opened_at, closed_at, reason)
                            select gen_random_uuid(), :tunnel, gen_random_uuid(), 0, 'quic', 'x', now(),
                                now() - n * interval '1 second', n::text
                            from generate_series(1, 5000) n""").param("tunnel", each.value()).update();
        }
        Registration live = connection(0);
        ledger.registered(live);
        for (int i = 0; i < 20; i++) {
            Registration passing = new Registration(
                    UUID.randomUUID(), tunnel, UUID.randomUUID(), 0, "quic", "x", "x", "y", List.of(), OPENED);
            ledger.registered(passing);
            ledger.closed(passing.id(), "the newest", none());
        }
        assertThat(ledger.heartbeat(Map.of()).noted()).contains(live.id());
        assertThat(rows("tunnel_connectors", tunnel)).isEqualTo(ConnectionHistory.CONNECTORS_KEPT + 1);
        assertThat(rows("tunnel_disconnects", tunnel)).isEqualTo(ConnectionHistory.ENDS_KEPT);
        assertThat(reasons()).filteredOn("the newest"::equals).hasSize(20);
        assertThat(rows("tunnel_connectors", neighbour)).isEqualTo(5_000);
        assertThat(rows("tunnel_disconnects", neighbour)).isEqualTo(5_000);
        jdbc.sql("delete from tunnel_connectors where tunnel_id = ?")
                .param(neighbour.value())
                .update();
        jdbc.sql("delete from tunnel_disconnects where tunnel_id = ?")
                .param(neighbour.value())
                .update();
    }

    private static long rows(String table, TunnelId of) {
        return jdbc.sql("select count(*) from " + table + " where tunnel_id = ?")
                .param(of.value())
                .query(Long.class)
                .single();
    }

    private static Traffic none() {
        return new Traffic(0, 0, 0, null, null);
    }
}
