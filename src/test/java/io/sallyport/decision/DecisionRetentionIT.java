package io.sallyport.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Decisions are bounded by age and by number. */
class DecisionRetentionIT {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private final TestPostgres postgres = TestPostgres.migrated();

    @AfterEach
    void close() {
        postgres.close();
    }

    private void decided(String id, Duration ago) {
        postgres.jdbc()
                .sql("""
                        insert into decisions (id, at, version, app_id, app_name, app_domain, outcome, reason, session, place, method,
                          host, path, client, tree)
                        values (?, ?, 1, gen_random_uuid(), 'a', 'a', 'denied', 'no_policies', 'absent', 'gate', 'GET', 'a', '/',
                          '10.0.0.1', '{}')""")
                .params(id, OffsetDateTime.ofInstant(NOW.minus(ago), ZoneOffset.UTC))
                .update();
    }

    private List<String> kept() {
        return postgres.jdbc()
                .sql("select id from decisions order by seq")
                .query(String.class)
                .list();
    }

    @Test
    void whatIsTooOldGoesAndWhatIsNotStays() {
        decided("old", Duration.ofDays(31));
        decided("new", Duration.ofDays(29));

        new DecisionRetention(postgres.jdbc(), InstantSource.fixed(NOW), Duration.ofDays(30), 100).prune();

        assertThat(kept()).containsExactly("new");
    }

    @Test
    void whatIsTooMuchGoesTheOldestFirst() {
        for (int i = 0; i < 10; i++) {
            decided("d" + i, Duration.ofMinutes(10 - i));
        }

        new DecisionRetention(postgres.jdbc(), InstantSource.fixed(NOW), Duration.ofDays(30), 3).prune();

        assertThat(kept()).containsExactly("d7", "d8", "d9");
    }
}
