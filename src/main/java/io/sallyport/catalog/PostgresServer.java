package io.sallyport.catalog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL of our own, for deployments that bring none: its data lives under one directory and survives restarts.
 *
 * <p>It listens on loopback only, on a free port, and asks for a password that lies beside the data with mode 0600, so other
 * users of the machine stay out. It runs in a session of its own, so that Ctrl-C reaches us first and we stop it last. As root
 * it runs in a user namespace, because PostgreSQL refuses root and the files should still be root's.
 *
 * <p>A lock file keeps two of us off one directory. When we were killed, our server may have outlived us: the next start finds
 * it by {@code postmaster.pid}, stops it and begins anew. When it ends while we live and nobody stopped it (killed for want of memory,
 * out of disk), it is started again on the same port, until that succeeds. One thread at a time may start and stop it.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final String USER = "sallyport";
    private static final long LOG_LIMIT_BYTES = 10_000_000;
    private static final int STARTUP_SECONDS = 120;

    private final Path directory;
    private final Path data;
    private final PostgresPrograms programs;
    private final List<String> settings;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final String password;
    private int port;
    private @Nullable Process process;
    /** Whether it should run now; guarded by this. */
    private boolean wanted;

    private PostgresServer(Path directory, Map<String, String> settings) throws IOException {
        this.directory = directory;
        this.data = directory.resolve("data");
        this.settings = settings.entrySet().stream()
                .flatMap(setting -> List.of("-c", setting.getKey() + "=" + setting.getValue()).stream())
                .toList();
        createPrivateDirectory(directory);
        Path lockPath = directory.resolve("lock");
        this.lockFile = FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.lock = lock(lockFile, directory);
        this.programs = PostgresPrograms.of(directory, lockPath);
        this.password = readOrMakePassword(directory);
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
            PostgresServer server =
                    new PostgresServer(directory.toAbsolutePath().normalize(), settings);
            try {
                server.prepare();
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
        return USER;
    }

    /** The user's password. */
    public String password() {
        return password;
    }

    /** Creates a database unless it exists, from a template when one is named. */
    public void createDatabase(String name, @Nullable String template) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, password);
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
            stopByControl();
            if (!running.waitFor(30, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (IOException failed) {
            // It may have ended of itself while we asked: whoever stops a container or a session stops us both.
            if (!PostgresGuard.hasEnded(running, Duration.ofSeconds(1))) {
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
        try {
            lock.close();
            lockFile.close();
        } catch (IOException harmless) {
            LOG.debug("lock of {} not released", directory, harmless);
        }
    }

    private void prepare() throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            checkVersion();
            endLeftOver();
        } else {
            initialise();
        }
    }

    /** Into a directory beside, moved when whole: a crash half-way leaves nothing that looks like a database. */
    private void initialise() throws IOException {
        Path fresh = directory.resolve("data.new");
        PostgresBinaries.deleteTree(fresh);
        programs.run(
                "initdb",
                "--pgdata=" + fresh,
                "--username=" + USER,
                "--pwfile=" + passwordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums");
        Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void checkVersion() throws IOException {
        String stored = Files.readString(data.resolve("PG_VERSION")).strip();
        String version = programs.run("postgres", "--version"); // postgres (PostgreSQL) 18.6
        String ours = version.substring(version.lastIndexOf(' ') + 1).replaceAll("\\..*", "");
        if (!stored.equals(ours)) {
            throw new StateFailure("the data in " + data + " is of PostgreSQL " + stored + " and this version brings "
                    + ours + "; dump it with the release that wrote it and restore it into a new data directory");
        }
    }

    /** Stops the server that a killed predecessor left behind. We hold the lock, so nobody else uses it. */
    private void endLeftOver() throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        Optional<ProcessHandle> left = lines.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.getFirst().strip())).filter(ProcessHandle::isAlive);
        if (left.isEmpty()) {
            return; // PostgreSQL itself clears a stale file
        }
        ProcessHandle.Info info = left.get().info();
        if (isZombie(left.get())) {
            Files.delete(pidFile); // PostgreSQL would take it for alive
            return;
        }
        // A long command line comes without its arguments, but what runs is known still.
        boolean another =
                info.command().filter(program -> !program.endsWith("/postgres")).isPresent();
        if (info.arguments().isEmpty() && !another) {
            throw new StateFailure(
                    "process " + left.get().pid() + " may still be a PostgreSQL on " + data + "; stop it first");
        }
        boolean ours = !another && Arrays.asList(info.arguments().orElseThrow()).contains(data.toString());
        if (ours) {
            LOG.info(
                    "Stopping the PostgreSQL that an earlier run left behind (process {})",
                    left.get().pid());
            stopByControl();
        } else {
            // The pid belongs to someone else by now, as happens when a container starts again.
            Files.delete(pidFile);
        }
    }

    /** Ended, but not collected by its parent: the usual end of orphans in a container whose first process collects nobody. */
    private static boolean isZombie(ProcessHandle process) throws IOException {
        Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        return Files.exists(stat) && Files.readString(stat).contains(") Z ");
    }

    /** Starts the server again, unless it runs or nobody wants it to; false when that did not succeed. */
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
        Path log = directory.resolve("postgres.log");
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
            Files.move(log, directory.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> arguments = new ArrayList<>(List.of(
                "-D",
                data.toString(),
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
        Process starting = new ProcessBuilder(programs.server(arguments))
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
            try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, password)) {
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

    /** Why it ended, in its own words, when the log has them. */
    private static String lastWords(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                    .reduce((first, second) -> second)
                    .map(line -> " (" + line.replaceFirst("^.*?(?=FATAL|PANIC)", "") + ")")
                    .orElse("");
        }
    }

    private void stopByControl() throws IOException {
        programs.run("pg_ctl", "stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "30");
    }

    private Path passwordFile() {
        return directory.resolve("password");
    }

    private static String readOrMakePassword(Path directory) throws IOException {
        Path file = directory.resolve("password");
        if (!Files.exists(file)) {
            if (Files.exists(directory.resolve("data"))) {
                throw new StateFailure(file + " is missing; restore it from where the data directory came from");
            }
            byte[] random = new byte[32];
            new SecureRandom().nextBytes(random);
            Path fresh = directory.resolve("password.new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, HexFormat.of().formatHex(random));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    private static void createPrivateDirectory(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    private static FileLock lock(FileChannel file, Path directory) throws IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            lock = null;
        }
        if (lock == null) {
            file.close();
            throw new StateFailure(
                    "another Sallyport uses " + directory + "; stop it, or choose another sallyport.data-dir");
        }
        return lock;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
