package io.sallyport.cli;

import io.sallyport.cli.TunnelApi.Tunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel delete}: deletes the given tunnels and their credentials on this machine. */
@Command(name = "delete", description = "Delete tunnels.", mixinStandardHelpOptions = true)
final class TunnelDeleteCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", arity = "1..*", description = "Ids or names")
    private List<String> tunnels = List.of();

    @Option(
            names = {"--force", "-f"},
            description = "Delete it even if it is connected; its connections end")
    private boolean force;

    @Option(
            names = {"--credentials-file", "--cred-file"},
            paramLabel = "FILE",
            description =
                    "The credentials file to delete with it (TUNNEL_CRED_FILE; default: UUID.json beside cert.pem)")
    private @Nullable Path credentialsFile;

    TunnelDeleteCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        // All are found before the first is deleted: a mistyped name deletes nothing.
        List<Tunnel> found = new ArrayList<>();
        for (String each : tunnels) {
            Tunnel tunnel = api.find(each);
            if (tunnel.deletedAt() != null) {
                throw new CommandFailure("Tunnel " + tunnel.id() + " has already been deleted");
            }
            found.add(tunnel);
        }
        for (Tunnel each : found) {
            api.delete(each, force);
            removeCredentials(each);
            terminal.out().println("Deleted tunnel " + each.name() + " with id " + each.id());
        }
        return 0;
    }

    private void removeCredentials(Tunnel tunnel) {
        Path file = credentialsFile != null
                ? credentialsFile
                : terminal.variable("TUNNEL_CRED_FILE")
                        .map(Path::of)
                        .orElseGet(() -> CredentialsFile.usual(options.directory(terminal), tunnel.id()));
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            terminal.err()
                    .println("The tunnel is deleted, but its credentials file " + file + " could not be deleted: "
                            + Trouble.with(e));
        }
    }
}
