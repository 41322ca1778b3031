package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.testkit.TestPostgres;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the listener of change notices tells an operator: when it lost its connection, and not when it ended it. */
class ConfigListenerIT {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger(ConfigListener.class);

    private final TestPostgres postgres = TestPostgres.migrated();
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private final ConfigListener listener =
            new ConfigListener(postgres.jdbcUrl(), postgres.user(), postgres.password(), () -> {}, List.of());

    @BeforeEach
    void listen() {
        said.list = new CopyOnWriteArrayList<>(); // it is read while others write
        said.start();
        LOG.addAppender(said);
        listener.start();
        await().until(listener::connected);
    }

    @AfterEach
    void close() {
        listener.close();
        LOG.detachAppender(said);
        postgres.close();
    }

    @Test
    void aConnectionThatItsOwnEndBreaksIsNotCalledLost() {
        listener.close();

        await().until(() -> !listener.connected());
        assertThat(said.list).isEmpty();
    }

    @Test
    void aConnectionThatTheDatabaseEndsIsCalledLostAndComesBack() {
        postgres.jdbc()
                .sql("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where application_name = 'sallyport-listener' and datname = current_database()")
                .query()
                .listOfRows();

        await().until(() -> !said.list.isEmpty());
        assertThat(said.list).singleElement().asString().contains("Lost the database connection for change notices");
        await().until(listener::connected);
    }
}
