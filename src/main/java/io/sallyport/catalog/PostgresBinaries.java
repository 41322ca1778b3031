package io.sallyport.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs, unpacked once from the jar of this platform. They go to the user's cache, so that several data
 * directories share them, or into the data directory where there is no cache to write to (a container with a read-only home).
 */
record PostgresBinaries(Path home) {
    /** Unpacks what is not there yet. */
    static PostgresBinaries unpacked(Path fallback) throws IOException {
        String resource = "/postgres-%s-%s.txz".formatted(system(), machine());
        String name = "postgres-" + digest(resource);
        for (Path parent : List.of(userCache(), fallback)) {
            Path home = parent.resolve(name);
            if (Files.isDirectory(home) || tryUnpack(resource, parent, home)) {
                return new PostgresBinaries(home);
            }
        }
        throw new IOException("neither " + userCache() + " nor " + fallback + " can be written");
    }

    /** The path of {@code postgres}, {@code initdb} or {@code pg_ctl}. */
    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    static boolean tryUnpack(String resource, Path parent, Path home) throws IOException {
        Path work;
        try {
            Files.createDirectories(parent);
            work = Files.createTempDirectory(parent, "unpacking-");
        } catch (IOException notWritable) {
            return false;
        }
        try {
            unpack(resource, work);
            Files.move(work, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException another) {
            // Another process was faster; its copy is used.
            deleteTree(work);
        } catch (IOException failed) {
            // Otherwise every attempt on a full disk would leave more there.
            deleteTree(work);
            throw failed;
        }
        return true;
    }

    private static void unpack(String resource, Path target) throws IOException {
        try (InputStream packed = open(resource);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("an entry outside the archive: " + entry.getName());
                }
                write(tar, entry, path);
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.resolveSibling(""));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static String digest(String resource) throws IOException {
        try (DigestInputStream in = new DigestInputStream(open(resource), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static InputStream open(String resource) throws IOException {
        return Optional.ofNullable(PostgresBinaries.class.getResourceAsStream(resource))
                .orElseThrow(() -> new IOException("this build carries no " + resource.substring(1)
                        + "; set spring.datasource.url to a PostgreSQL of your own"));
    }

    private static Path userCache() {
        String configured = System.getenv("XDG_CACHE_HOME");
        Path base = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(configured);
        return base.resolve("sallyport");
    }

    private static String system() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    }

    private static String machine() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            case String other -> other;
        };
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
