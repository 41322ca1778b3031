package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.audit.AuditEvent;
import io.sallyport.audit.AuditLog;
import io.sallyport.audit.AuthEvents;
import io.sallyport.audit.LastSeen;
import io.sallyport.catalog.PostgresServer;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;

/** PostgreSQL goes away and comes back: the last picture serves up to its bound, then says so, and everything recovers alone. */
class SnapshotOutageIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    @Test
    void r10TheLastPictureServesDuringAnOutageUpToItsBoundAndFollowsAgainAfterwards() {
        try (PostgresServer server = TestPostgres.startServer(directory)) {
            server.createDatabase("sallyport", null);
            Flyway.configure()
                    .dataSource(server.jdbcUrl("sallyport"), server.user(), server.password())
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
            Map<String, String> settings = Map.of(
                    "spring.datasource.url",
                    server.jdbcUrl("sallyport"),
                    "spring.datasource.username",
                    server.user(),
                    "spring.datasource.password",
                    server.password(),
                    "spring.datasource.hikari.connection-timeout",
                    "500",
                    "sallyport.snapshot.max-staleness",
                    "5s",
                    "sallyport.snapshot.poll",
                    "100ms");
            try (Replica replica = Replica.start(settings)) {
                outage(server, replica);
            }
        }
    }

    private static void outage(PostgresServer server, Replica replica) {
        SnapshotHolder holder = replica.bean(SnapshotHolder.class);
        SnapshotHealth health = replica.bean(SnapshotHealth.class);
        Snapshot before = replica.snapshot();
        Replica.await("listening", SOON, replica.bean(ConfigListener.class)::connected);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);

        server.pause();
        try (ClosedPort _ = ClosedPort.at(
                URI.create(server.jdbcUrl("x").substring("jdbc:".length())).getPort())) {
            itIsNoticed(holder, health, replica, before);
        }
        server.resume();
        itRecovers(holder, health, replica);
    }

    private static void itIsNoticed(SnapshotHolder holder, SnapshotHealth health, Replica replica, Snapshot before) {
        Replica.await(
                "noticed", SOON, () -> replica.bean(SnapshotRefresher.class).lastFailure() != null);
        replica.bean(AuditLog.class).offer(refusedLogin());
        assertThat(replica.snapshot()).isSameAs(before);
        assertThat(holder.stale()).isFalse();
        assertThatThrownBy(() -> replica.write(() -> {}))
                .as("writes fail at once")
                .isInstanceOf(RuntimeException.class);
        Replica.await("stale", SOON, holder::stale);
        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.health().getDetails())
                .extractingByKey("why")
                .asString()
                .contains("could not be compared with the database", "sallyport.snapshot.max-staleness");
    }

    private static void itRecovers(SnapshotHolder holder, SnapshotHealth health, Replica replica) {
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        Replica.await("contact", SOON, () -> !holder.stale());
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(5)));
        long version = replica.write(() -> {});
        Replica.await("the write", SOON, () -> replica.snapshot().version() >= version);
        Replica.await("listening", SOON, replica.bean(ConfigListener.class)::connected);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        Replica.await(
                "events of the outage are kept",
                SOON,
                () -> !replica.bean(AuthEvents.class)
                        .find(AuthEvents.Filter.all(), 10, 0)
                        .isEmpty());
        assertThat(replica.bean(AuthEvents.class).find(AuthEvents.Filter.all(), 10, 0))
                .containsExactly(refusedLogin());
        replica.bean(LastSeen.class).note(new ServiceTokenId(UUID.randomUUID()), Instant.EPOCH);
    }

    private static AuditEvent.Authentication refusedLogin() {
        return new AuditEvent.Authentication(
                Instant.parse("2026-11-25T10:00:00Z"),
                "0123456789abcdef",
                "login",
                false,
                "denied_by_policy",
                null,
                "wiki.example.com",
                null,
                null,
                "ada@example.com",
                "192.0.2.1",
                "PT",
                null);
    }
}
