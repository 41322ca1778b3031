package io.sallyport.control;

import io.sallyport.token.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first admin token: the operator's, or one made at the first start in a file only its owner can
 * read. Named in the log, never printed; only its hash stays in memory (AD-01).
 */
final class BootstrapToken {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapToken.class);
    private static final String FILE = "admin-token";
    private static final int SHORTEST = 16;

    private final byte[] hash;

    private BootstrapToken(String token, String origin) {
        if (token.length() < SHORTEST) {
            throw new IllegalStateException(
                    origin + " is shorter than " + SHORTEST + " characters; choose a random one");
        }
        this.hash = Sha256.of(token);
    }

    /**
     * Takes the operator's token, or reads or makes the one in the data directory.
     *
     * @throws IllegalStateException when the token is too short to be one
     */
    static BootstrapToken of(@Nullable String configured, Path dataDir) {
        if (configured != null && !configured.isBlank()) {
            return new BootstrapToken(configured.strip(), "sallyport.admin-token");
        }
        Path file = dataDir.resolve(FILE);
        try {
            String token = readOrMake(file);
            LOG.info(
                    "The bootstrap admin token is in {}; it is meant for the first steps, replace it by tokens of your own",
                    file.toAbsolutePath());
            return new BootstrapToken(token, file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read or write the admin token " + file, e);
        }
    }

    /** Its SHA-256. */
    byte[] hash() {
        return hash.clone();
    }

    private static String readOrMake(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            make(file);
        } else if (Files.size(file) == 0) {
            // A first start on a full disk made it and could not fill it. Without this, no later start would work
            // either.
            Files.delete(file);
            make(file);
        }
        return Files.readString(file).strip();
    }

    /** The file is created with its final mode, so that others can never read it. */
    private static void make(Path file) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String token = "sallyport_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Set<OpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(file, fresh, ownerOnly)) {
            channel.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (FileAlreadyExistsException e) {
            // Another process on the same directory was first; its token is used.
        }
    }
}
