package io.sallyport.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.decision.Decisions.Filter;
import io.sallyport.decision.Decisions.Total;
import io.sallyport.testkit.TestPostgres;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** A question about few decisions reads few rows, however many there are. */
class DecisionSearchIT {
    private static final int OTHERS = 20_000;
    private static final int RARE = 10;
    private static final int REPETITIONS = 5_000;
    /** Rows that may be read beside those asked for. */
    private static final int TOLERATED = 100;

    private static TestPostgres postgres;
    private static SingleConnectionDataSource connection;
    private static JdbcTemplate jdbc;
    private static Decisions decisions;

    @BeforeAll
    static void fill() throws SQLException {
        postgres = TestPostgres.migrated();
        connection = new SingleConnectionDataSource(postgres.dataSource().getConnection(), true);
        jdbc = new JdbcTemplate(connection);
        decisions = new Decisions(jdbc, new TransactionTemplate(new DataSourceTransactionManager(connection)));
        decided(OTHERS, "'App ' || i % 100", "'app' || i % 100 || '.example.com'", "allowed");
        decided(RARE, "'Rare'", "'rare.example.com'", "denied");
        repeated();
        jdbc.execute("vacuum analyze decisions");
    }

    @AfterAll
    static void close() {
        connection.destroy();
        postgres.close();
    }

    /** The rare ones are the oldest, so that who goes by time meets them last. */
    private static void decided(int count, String name, String host, String outcome) {
        jdbc.update("""
                insert into decisions (id, at, version, app_id, app_name, app_domain, outcome, reason, session, place, method,
                  host, path, client, tree)
                select gen_random_uuid()::text, timestamptz '2026-01-01' + make_interval(secs => i), 1, gen_random_uuid(), %1$s,
                  %2$s || '/a', '%3$s', 'r', 'absent', 'gate', 'GET', %2$s, '/', '10.0.0.1', '{}'
                from generate_series(1, %4$d) i""".formatted(name, host, outcome, count));
    }

    /** The newest rows of all, which no list shows. */
    private static void repeated() {
        jdbc.update("""
                insert into decisions (id, at, same_as, version, app_id, app_name, app_domain, outcome, reason, session, place, method,
                  host, path, client)
                select gen_random_uuid()::text, timestamptz '2026-02-01' + make_interval(secs => i), 'first', 1, gen_random_uuid(),
                  'App 1', 'app1.example.com/a', 'denied', 'r', 'absent', 'gate', 'GET', 'app1.example.com', '/', '10.0.0.1'
                from generate_series(1, ?) i""", REPETITIONS);
    }

    /** How many rows of the table these questions read. */
    private static long rowsReadBy(Runnable questions) {
        long before = rowsRead();
        questions.run();
        return rowsRead() - before;
    }

    private static long rowsRead() {
        jdbc.execute("select pg_stat_force_next_flush()");
        Long read = jdbc.queryForObject(
                "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'decisions'", Long.class);
        return read == null ? 0 : read;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Rare", "rare.example.com/a", "rare.example.com"})
    void thoseOfAnApplicationAreFoundByItsNameDomainOrHostWithoutReadingTheOthers(String application) {
        Filter filter = new Filter(null, null, null, application, null);

        long read = rowsReadBy(() -> {
            assertThat(decisions.find(filter, 25, 0)).hasSize(RARE);
            assertThat(decisions.count(filter)).isEqualTo(new Total(RARE, false));
        });

        assertThat(read).isLessThan(2 * RARE + TOLERATED);
    }

    @Test
    void thoseOfARareOutcomeAreFoundWithoutReadingTheOthers() {
        Filter filter = new Filter(null, null, null, null, "denied");

        long read = rowsReadBy(() -> {
            assertThat(decisions.find(filter, 25, 0)).hasSize(RARE);
            assertThat(decisions.count(filter)).isEqualTo(new Total(RARE, false));
        });

        assertThat(read).isLessThan(2 * RARE + TOLERATED);
    }

    @Test
    void aListOfAllIsCountedUpToABoundAndReadsNoMoreThanThatAndItsPage() {
        Filter everything = new Filter(null, null, null, null, null);

        long read = rowsReadBy(() -> {
            assertThat(decisions.find(everything, 25, 0)).hasSize(25);
            assertThat(decisions.count(everything)).isEqualTo(new Total(Decisions.COUNTED, true));
        });

        assertThat(read).isLessThan(Decisions.COUNTED + 25 + TOLERATED);
    }

    @Test
    void theSameIsTrueOfAFrequentOutcomeAndOfTheTimeSince() {
        Instant ever = Instant.parse("2026-01-01T00:00:00Z");
        for (Filter filter : List.of(
                new Filter(ever, null, null, null, "allowed"),
                new Filter(null, null, null, null, "allowed"),
                new Filter(ever, null, null, null, null))) {
            long read =
                    rowsReadBy(() -> assertThat(decisions.count(filter)).isEqualTo(new Total(Decisions.COUNTED, true)));

            assertThat(read).as(filter.toString()).isLessThan(Decisions.COUNTED + TOLERATED);
        }
    }
}
