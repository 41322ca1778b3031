package io.sallyport.catalog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded PostgreSQL, for deployments without a database of their own. Its data is in one directory and survives
 * restarts.
 *
 * <p>It listens on loopback only, on a free port, and asks for a password, so other users of the machine stay out. It
 * runs in a session of its own, so that Ctrl-C does not reach it and we stop it last. When it ends unexpectedly (killed
 * by the kernel's OOM killer, disk full), {@link PostgresGuard} restarts it on the same port, until that succeeds. One
 * thread at a time may start and stop it.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final int STARTUP_SECONDS = 120;

    private final PostgresDirectory directory;
    private final List<String> settings;
    private int port;
    private @Nullable Process process;
    /** Whether it should run now; guarded by this. */
    private boolean wanted;

    private PostgresServer(PostgresDirectory directory, Map<String, String> settings) {
        this.directory = directory;
        this.settings = settings.entrySet().stream()
                .flatMap(setting -> Stream.of("-c", setting.getKey() + "=" + setting.getValue()))
                .toList();
    }

    /**
     * Starts a server on a free port of loopback and waits until it answers.
     *
     * @param directory made when it does not exist
     * @param settings of {@code postgresql.conf}, beside ours
     * @throws StateFailure with a sentence for the operator
     */
    public static PostgresServer start(Path directory, Map<String, String> settings) {
        try {
            PostgresDirectory place =
                    new PostgresDirectory(directory.toAbsolutePath().normalize());
            PostgresServer server = new PostgresServer(place, settings);
            try {
                place.prepare();
                server.port = freePort();
                server.launch();
                return server;
            } catch (IOException | RuntimeException failed) {
                server.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw new StateFailure(
                    "embedded PostgreSQL in " + directory + " cannot be started: " + failed.getMessage(), failed);
        }
    }

    /** Where to connect; the database of that name exists or is created by {@link #createDatabase}. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** The only user. */
    public String user() {
        return PostgresDirectory.USER;
    }

    /** The user's password. */
    public String password() {
        return directory.password();
    }

    /** Creates a database unless it exists, from a template when one is named. */
    public void createDatabase(String name, @Nullable String template) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), user(), password());
                Statement statement = connection.createStatement()) {
            boolean exists = statement
                    .executeQuery("select 1 from pg_database where datname = '" + name + "'")
                    .next();
            if (!exists) {
                statement.execute("create database " + name + (template == null ? "" : " template " + template));
            }
        } catch (SQLException failed) {
            throw new StateFailure("the database " + name + " cannot be created: " + failed.getMessage(), failed);
        }
    }

    /** Stops the server and leaves everything else as it is, for {@link #resume}. Open transactions are rolled back. */
    public synchronized void pause() {
        Process running = process;
        process = null;
        wanted = false;
        if (running == null) {
            return;
        }
        try {
            if (!running.isAlive()) {
                LOG.info("Embedded PostgreSQL had ended already, with status {}", running.exitValue());
                return;
            }
            directory.programs().stop(directory.data());
            if (!running.waitFor(30, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (IOException failed) {
            // It may have ended by itself meanwhile: stopping a container or a session stops both processes.
            if (!hasEnded(running, Duration.ofSeconds(1))) {
                LOG.warn(
                        "pg_ctl could not stop embedded PostgreSQL ({}); killing it, it recovers at the next start",
                        failed.getMessage());
                running.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static boolean hasEnded(Process running, Duration patience) {
        try {
            return running.waitFor(patience);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Starts the server again after {@link #pause}, on the same port. */
    public synchronized void resume() {
        try {
            launch();
        } catch (IOException failed) {
            throw new StateFailure(
                    "embedded PostgreSQL in " + directory + " cannot be started: " + failed.getMessage(), failed);
        }
    }

    /** Stops the server and gives the directory back. */
    @Override
    public void close() {
        pause();
        directory.close();
    }

    /** Restarts the server, unless it runs or should be stopped; false when that failed. */
    private synchronized boolean revive() {
        if (!wanted || (process != null && process.isAlive())) {
            return true;
        }
        try {
            LOG.error("Embedded PostgreSQL ended although nobody stopped it; starting it again");
            launch();
            LOG.info("Embedded PostgreSQL runs again");
            return true;
        } catch (IOException failed) {
            LOG.error("Embedded PostgreSQL does not start again: {}", failed.getMessage());
            if (process != null) {
                process.destroyForcibly();
            }
            return false;
        }
    }

    private void launch() throws IOException {
        Path log = directory.log();
        List<String> arguments = new ArrayList<>(List.of(
                "-D",
                directory.data().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "timezone=UTC",
                "-c",
                "log_timezone=UTC"));
        arguments.addAll(settings);
        Process starting = new ProcessBuilder(directory.programs().server(arguments))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = starting;
        awaitReady(starting, log);
        wanted = true;
        PostgresGuard.watch(starting, this::revive);
    }

    private void awaitReady(Process starting, Path log) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STARTUP_SECONDS);
        SQLException last = null;
        while (System.nanoTime() < end) {
            try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), user(), password())) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException notYet) {
                last = notYet;
            }
            try {
                if (starting.waitFor(30, TimeUnit.MILLISECONDS)) {
                    throw new IOException(
                            "it ended with status " + starting.exitValue() + lastWords(log) + ", see " + log);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for it", interrupted);
            }
        }
        throw new IOException("it does not answer after " + STARTUP_SECONDS + " s, see " + log, last);
    }

    /** The reason why it ended, from its log. */
    private static String lastWords(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                    .reduce((first, second) -> second)
                    .map(line -> " (" + line.replaceFirst("^.*?(?=FATAL|PANIC)", "") + ")")
                    .orElse("");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
