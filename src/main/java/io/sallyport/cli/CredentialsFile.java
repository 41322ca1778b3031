package io.sallyport.cli;

import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.WireRefusal;
import java.nio.file.Path;

/** What a tunnel is run with: the file {@code UUID.json} that cloudflared reads too (connector-config.md §1.1). */
final class CredentialsFile {
    private CredentialsFile() {}

    /** Where it lies unless somebody says otherwise. */
    static Path usual(Path directory, String tunnel) {
        return directory.resolve(tunnel + ".json");
    }

    /** Writes what a token holds (§1.2) to a new file. */
    static void write(Path file, String token) {
        try {
            PrivateFile.create(file, TunnelCredentials.ofToken(token).file());
        } catch (WireRefusal e) {
            throw new CommandFailure("the gateway's token cannot be read", e);
        }
    }
}
