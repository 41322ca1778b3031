package io.sallyport.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sallyport.catalog.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/**
 * A real PostgreSQL: one server for the whole test JVM, one database for each test class, copied from a migrated template, so it
 * costs some tens of milliseconds. Close it to drop the database.
 */
public final class TestPostgres implements AutoCloseable {
    /** The system property of a benchmark that wants every commit on the disk, as the product has it. */
    public static final String DURABLE = "sallyport.test.postgres.durable";

    private static final String TEMPLATE = "migrated";
    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** Started by the first test that asks, stopped with the JVM. */
    private static final class Shared {
        static final PostgresServer SERVER = start();

        private static PostgresServer start() {
            Path directory = temporaryDirectory();
            PostgresServer server = startServer(directory);
            stopAtTheEnd(() -> {
                server.close();
                delete(directory);
            });
            server.createDatabase(TEMPLATE, null);
            Flyway.configure()
                    .dataSource(server.jdbcUrl(TEMPLATE), server.user(), server.password())
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
            return server;
        }

        /**
         * After the servers that use it, and not at the same time. Spring calls its handlers only in a JVM in which an application has
         * run, so one is run that has nothing in it.
         */
        private static void stopAtTheEnd(Runnable stop) {
            SpringApplication.getShutdownHandlers().add(stop);
            SpringApplication nothing = new SpringApplication(Shared.class);
            nothing.setWebApplicationType(WebApplicationType.NONE);
            nothing.setBannerMode(Banner.Mode.OFF);
            nothing.setListeners(nothing.getListeners().stream()
                    .filter(each -> !(each instanceof LoggingApplicationListener)) // which would set the logs up anew
                    .toList());
            nothing.run().close();
        }
    }

    private final PostgresServer server;
    private final String name;
    private final HikariDataSource pool;

    private TestPostgres(PostgresServer server, String name) {
        this.server = server;
        this.name = name;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(server.jdbcUrl(name));
        config.setUsername(server.user());
        config.setPassword(server.password());
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(20_000);
        this.pool = new HikariDataSource(config);
    }

    /** A database with the current schema and nothing in it. */
    public static TestPostgres migrated() {
        String name = "test_" + COUNTER.incrementAndGet();
        Shared.SERVER.createDatabase(name, TEMPLATE);
        return new TestPostgres(Shared.SERVER, name);
    }

    /** A server for tests that stop and start it: quick, and careless about power cuts unless {@link #DURABLE} is set. */
    public static PostgresServer startServer(Path directory) {
        Map<String, String> options = new HashMap<>(Map.of("max_connections", "80"));
        if (!Boolean.getBoolean(DURABLE)) {
            List.of("fsync", "full_page_writes", "synchronous_commit").forEach(option -> options.put(option, "off"));
        }
        PostgresServer server = PostgresServer.start(directory, options);
        takePasswordsAsTheyAre(server, directory);
        return server;
    }

    /** What SCRAM has a client compute for each connection takes a JVM without the optimising compiler tens of milliseconds. */
    private static void takePasswordsAsTheyAre(PostgresServer server, Path directory) {
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
                Statement statement = connection.createStatement()) {
            Files.writeString(directory.resolve("data/pg_hba.conf"), "host all all 127.0.0.1/32 password\n");
            statement.execute("select pg_reload_conf()");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A pool of four connections. */
    public DataSource dataSource() {
        return pool;
    }

    /** Queries on the pool. */
    public JdbcClient jdbc() {
        return JdbcClient.create(pool);
    }

    /** For programs that connect themselves. */
    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    /** The database's user. */
    public String user() {
        return server.user();
    }

    /** The user's password. */
    public String password() {
        return server.password();
    }

    /**
     * The settings that point a whole server here. It never stops, so that whoever waits for a connection waits for a processor: what
     * a gateway refuses after two seconds would be a test's failure on a busy machine.
     */
    public Map<String, String> settings() {
        return Map.of(
                "spring.datasource.url",
                jdbcUrl(),
                "spring.datasource.username",
                user(),
                "spring.datasource.password",
                password(),
                "spring.datasource.hikari.connection-timeout",
                "20000",
                "spring.datasource.hikari.data-source-properties.connectTimeout",
                "20",
                "spring.datasource.hikari.data-source-properties.socketTimeout",
                "60");
    }

    @Override
    public void close() {
        pool.close();
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute("drop database " + name + " with (force)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("sallyport-postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
