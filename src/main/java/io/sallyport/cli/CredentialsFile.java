package io.sallyport.cli;

import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.WireRefusal;
import java.nio.file.Path;

/** The credentials with which a tunnel is run: the file {@code UUID.json} that cloudflared reads too. */
final class CredentialsFile {
    private CredentialsFile() {}

    /** The default path. */
    static Path usual(Path directory, String tunnel) {
        return directory.resolve(tunnel + ".json");
    }

    /** Writes the contents of a token to a new file. */
    static void write(Path file, String token) {
        try {
            PrivateFile.create(file, TunnelCredentials.ofToken(token).file());
        } catch (WireRefusal e) {
            throw new CommandFailure("the gateway's token cannot be read", e);
        }
    }
}
