package io.sallyport.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens that are stored between commands, in cloudflared's directory and under its names, so that
 * both can use them. Only their owner may read them. Tokens are not verified here; the edge does that at every use.
 */
final class TokenFiles {
    private static final FileAttribute<Set<PosixFilePermission>> OURS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OUR_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path directory;

    /** @param home the user's home directory */
    TokenFiles(Path home) {
        this.directory = home.resolve(".cloudflared");
    }

    /** The file of an application's token. */
    Path application(AccessApplication application) {
        String name = application.appHostname() + "-" + application.audience() + "-token";
        return directory.resolve(name.replace('/', '-').replace('*', '-'));
    }

    /** The file of a team's token. */
    Path team(AccessApplication application) {
        return directory.resolve(application.team().getHost() + "-org-token");
    }

    /** The token in a file; empty when there is none or it has expired. */
    Optional<String> read(Path file, Instant now) {
        try {
            String token = Files.readString(file, StandardCharsets.UTF_8).strip();
            return isInTime(token, now) ? Optional.of(token) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + Trouble.with(e), e);
        }
    }

    /** Writes a file completely or not at all. Only its owner can read it, from its first byte on. */
    void write(Path file, String token) {
        try {
            Files.createDirectories(directory, OUR_DIRECTORY);
            Path fresh = Files.createTempFile(directory, "token", ".new", OURS);
            Files.writeString(fresh, token, StandardCharsets.UTF_8);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + Trouble.with(e), e);
        }
    }

    void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new CommandFailure("cannot delete " + file + ": " + Trouble.with(e), e);
        }
    }

    /** Runs one sign-in at a time for a token file, so that ten commands started at once open only one page. */
    <T> T alone(Path file, Supplier<T> work) {
        try {
            Files.createDirectories(directory, OUR_DIRECTORY);
            Path guard = directory.resolve(file.getFileName() + ".flock");
            try (FileChannel channel =
                            FileChannel.open(guard, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OURS);
                    var lock = channel.lock()) {
                if (!lock.isValid()) {
                    throw new CommandFailure("cannot lock " + guard);
                }
                return work.get();
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot lock " + file + ": " + Trouble.with(e), e);
        }
    }

    private static boolean isInTime(String token, Instant now) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return false;
        }
        try {
            long ends = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]))
                    .path("exp")
                    .asLong(0);
            return now.getEpochSecond() < ends;
        } catch (JacksonException | IllegalArgumentException notAToken) {
            return false;
        }
    }
}
