package io.sallyport.catalog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of an embedded PostgreSQL, closed to other users of the machine: its data, its user's password, and a
 * lock file against concurrent use. If an earlier process was killed, its server may still run: it is found by {@code
 * postmaster.pid} and stopped before the directory is used again.
 */
final class PostgresDirectory implements AutoCloseable {
    /** The database's only user. */
    static final String USER = "sallyport";

    private static final Logger LOG = LoggerFactory.getLogger(PostgresDirectory.class);
    private static final long LOG_LIMIT_BYTES = 10_000_000;

    private final Path root;
    private final Path data;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final PostgresPrograms programs;
    private final String password;

    /**
     * Locks the directory for this process, and creates what is missing.
     *
     * @throws StateFailure with a sentence for the operator when another process holds it, or its password is gone
     */
    PostgresDirectory(Path root) throws IOException {
        this.root = root;
        this.data = root.resolve("data");
        createPrivately(root);
        Path lockPath = root.resolve("lock");
        this.lockFile = FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.lock = lock(lockFile, root);
        try {
            this.programs = PostgresPrograms.of(root, lockPath);
            this.password = readOrMakePassword();
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /** What belongs to PostgreSQL itself. */
    Path data() {
        return data;
    }

    PostgresPrograms programs() {
        return programs;
    }

    String password() {
        return password;
    }

    /**
     * Makes a new database, or makes sure that the one that is there can be used and that no server of an earlier run still does.
     *
     * @throws StateFailure with a sentence for the operator when it cannot be used
     */
    void prepare() throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            checkVersion();
            endLeftOver();
        } else {
            initialise();
        }
    }

    /**
     * Creates the database in a temporary directory and renames it when it is complete, so that a crash leaves nothing
     * that looks like a database.
     */
    private void initialise() throws IOException {
        Path fresh = root.resolve("data.new");
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

    /**
     * Stops the server that a killed process left running. This process holds the lock, so no other uses the server.
     */
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
            Files.delete(pidFile); // PostgreSQL would take the server for running
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
            programs.stop(data);
        } else {
            // The pid belongs to another process by now, as happens when a container is restarted.
            Files.delete(pidFile);
        }
    }

    /**
     * Whether the process has ended but was not reaped by its parent, as happens in containers whose first process
     * reaps no orphans.
     */
    private static boolean isZombie(ProcessHandle process) throws IOException {
        Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        return Files.exists(stat) && Files.readString(stat).contains(") Z ");
    }

    /** Where the server's log goes; one that has grown long is put aside first, in the place of the one put aside before. */
    Path log() throws IOException {
        Path log = root.resolve("postgres.log");
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
            Files.move(log, root.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        return log;
    }

    /** Gives the directory back. */
    @Override
    public void close() {
        try {
            lock.close();
            lockFile.close();
        } catch (IOException harmless) {
            LOG.debug("lock of {} not released", root, harmless);
        }
    }

    private Path passwordFile() {
        return root.resolve("password");
    }

    private String readOrMakePassword() throws IOException {
        Path file = passwordFile();
        if (!Files.exists(file)) {
            if (Files.exists(data)) {
                throw new StateFailure(file + " is missing; restore it from where the data directory came from");
            }
            byte[] random = new byte[32];
            new SecureRandom().nextBytes(random);
            Path fresh = root.resolve("password.new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, HexFormat.of().formatHex(random));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    private static void createPrivately(Path directory) throws IOException {
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

    @Override
    public String toString() {
        return root.toString();
    }
}
