package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is kept of a table is never mistaken for what it says now. */
class KeptRowsIT {
    private final TestPostgres postgres = TestPostgres.migrated();
    private final KeptRows<Rows.Policy> policies = KeptRows.policies();

    @AfterEach
    void close() {
        postgres.close();
    }

    private void insert(Connection connection, String name) throws SQLException {
        execute(
                connection,
                "insert into policies (id, name, decision, reusable, body, created_at, updated_at) values ('"
                        + UUID.randomUUID() + "', '" + name + "', 'allow', true, '{}', now(), now())");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> names(Connection connection, boolean committed) throws SQLException {
        return policies.read(connection, committed).stream()
                .map(Rows.Policy::name)
                .sorted()
                .toList();
    }

    @Test
    void aWriteThatWasTakenBackLeavesNothingThatALaterOneOfTheSameRowCouldBeTakenFor() throws SQLException {
        try (Connection connection = postgres.dataSource().getConnection()) {
            insert(connection, "first");
            assertThat(names(connection, true)).containsExactly("first");
            connection.setAutoCommit(false);
            execute(connection, "update policies set name = 'taken back', revision = revision + 1");
            assertThat(names(connection, false)).containsExactly("taken back");
            execute(connection, "update policies set name = 'taken back again'");
            assertThat(names(connection, false)).containsExactly("taken back again");
            connection.rollback();
            assertThat(names(connection, true)).containsExactly("first");
            execute(connection, "update policies set name = 'meant', revision = revision + 1");
            connection.commit();
            assertThat(names(connection, true)).containsExactly("meant");
        }
    }

    @Test
    void whatComesAndGoesIsSeen() throws SQLException {
        try (Connection connection = postgres.dataSource().getConnection()) {
            insert(connection, "a");
            insert(connection, "b");
            assertThat(names(connection, true)).containsExactly("a", "b");
            execute(connection, "delete from policies where name = 'a'");
            insert(connection, "c");
            assertThat(names(connection, true)).containsExactly("b", "c");
            assertThat(policies.read(connection, true).getFirst())
                    .as("what did not change is the same object, which makes comparing it cheap")
                    .isSameAs(policies.read(connection, true).getFirst());
        }
    }

    @Test
    void customPagesAreReadOnceAndAgainWhenTheyChange() throws SQLException {
        KeptRows<Rows.Page> pages = KeptRows.pages();
        try (Connection connection = postgres.dataSource().getConnection()) {
            execute(
                    connection,
                    "insert into custom_pages (id, name, type, html, body, created_at, updated_at) values ('"
                            + UUID.randomUUID()
                            + "', 'x', 'forbidden', '<p>', '{\"contract_version\": 1}', now(), now())");
            Rows.Page first = pages.read(connection, true).getFirst();
            assertThat(first.contractVersion()).isEqualTo(1);
            assertThat(pages.read(connection, true).getFirst()).isSameAs(first);
            execute(connection, "update custom_pages set html = '<b>', body = '{}'");
            assertThat(pages.read(connection, true)).singleElement().satisfies(page -> {
                assertThat(page.html()).isEqualTo("<b>");
                assertThat(page.contractVersion()).isZero();
            });
        }
    }
}
