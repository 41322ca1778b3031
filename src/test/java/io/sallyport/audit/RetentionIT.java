package io.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is forgotten and what is kept, on a real PostgreSQL. */
class RetentionIT {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final Duration EVENTS = Duration.ofDays(90);

    private final TestPostgres postgres = TestPostgres.migrated();
    private final Retention retention = new Retention(postgres.jdbc(), InstantSource.fixed(NOW), EVENTS);

    @AfterEach
    void close() {
        postgres.close();
    }

    private static OffsetDateTime before(Duration ago) {
        return OffsetDateTime.ofInstant(NOW.minus(ago), ZoneOffset.UTC);
    }

    private List<String> all(String column, String table) {
        return postgres.jdbc()
                .sql("select " + column + " from " + table + " order by 1")
                .query(String.class)
                .list();
    }

    private void event(String ray, Duration ago) {
        postgres.jdbc()
                .sql(
                        "insert into auth_events (at, ray, action, allowed, reason) values (?, ?, 'login', true, 'allowed')")
                .params(before(ago), ray)
                .update();
    }

    private void session(UUID user, String nonce, Duration endedAgo) {
        postgres.jdbc()
                .sql("insert into sessions (nonce, user_id, identity, idp_id, created_at, expires_at)"
                        + " values (?, ?, '{}', gen_random_uuid(), ?, ?)")
                .params(nonce, user, before(Duration.ofDays(60)), before(endedAgo))
                .update();
    }

    @Test
    void eventsGoAfterTheirKeepingTimeToTheDay() {
        event("kept", EVENTS.minusSeconds(1));
        event("gone", EVENTS.plusSeconds(1));

        retention.prune();

        assertThat(all("ray", "auth_events")).containsExactly("kept");
    }

    /** A directory says something about each person a few times a day, and as much as it likes. */
    @Test
    void whatDirectoriesAskedForGoesWithTheEvents() {
        for (String[] each : new String[][] {{"kept", "-1"}, {"gone", "1"}}) {
            postgres.jdbc()
                    .sql("insert into scim_updates (at, idp_id, method, resource_type, email, status)"
                            + " values (?, gen_random_uuid(), 'PATCH', 'USER', ?, 200)")
                    .params(before(EVENTS.plusSeconds(Long.parseLong(each[1]))), each[0])
                    .update();
        }

        retention.prune();

        assertThat(all("email", "scim_updates")).containsExactly("kept");
    }

    @Test
    void sessionsStayThirtyDaysBeyondTheirEnd() {
        UUID user = UUID.randomUUID();
        postgres.jdbc()
                .sql("insert into users (id, email, created_at, updated_at) values (?, 'ada@example.com', ?, ?)")
                .params(user, before(Duration.ofDays(60)), before(Duration.ofDays(60)))
                .update();
        session(user, "running", Duration.ofDays(-1));
        session(user, "just-kept", Duration.ofDays(30).minusSeconds(1));
        session(user, "long-ended", Duration.ofDays(30).plusSeconds(1));

        retention.prune();

        assertThat(all("nonce", "sessions")).containsExactly("just-kept", "running");
    }

    /** Nothing that guards a token goes while some replica's clock might still take the token. */
    @Test
    void cs07_revocationsAndUsedNoncesOutliveWhatTheyGuardByAnHour() {
        for (String[] each : new String[][] {{"guards", "59"}, {"over", "61"}}) {
            OffsetDateTime end = before(Duration.ofMinutes(Long.parseLong(each[1])));
            postgres.jdbc()
                    .sql("insert into revocations (kind, subject, not_before, expires_at) values ('session', ?, ?, ?)")
                    .params(each[0], before(Duration.ofDays(1)), end)
                    .update();
            postgres.jdbc()
                    .sql("insert into consumed_nonces (id, expires_at) values (?, ?)")
                    .params(each[0], end)
                    .update();
        }

        retention.prune();

        assertThat(all("subject", "revocations")).containsExactly("guards");
        assertThat(all("id", "consumed_nonces")).containsExactly("guards");
    }
}
