package io.sallyport.cli;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel create}: creates a tunnel and the file with its credentials. Afterwards either both exist or neither. */
@Command(name = "create", description = "Create a tunnel with this name.", mixinStandardHelpOptions = true)
final class TunnelCreateCommand implements Callable<Integer> {
    private static final int SECRET_BYTES = 32;

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "NAME", description = "Its name; must be unique and not a UUID")
    private String name = "";

    @Option(
            names = {"--credentials-file", "--cred-file"},
            paramLabel = "FILE",
            description = "Where the credentials go (TUNNEL_CRED_FILE; default: UUID.json beside cert.pem)")
    private @Nullable Path credentialsFile;

    @Option(
            names = {"--secret", "-s"},
            paramLabel = "BASE64",
            description =
                    "The tunnel's secret, at least 32 bytes. Other processes can read it; better let the gateway create one"
                            + " (TUNNEL_CREATE_SECRET)")
    private @Nullable String secret;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    TunnelCreateCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        String own = Optional.ofNullable(secret)
                .or(() -> terminal.variable("TUNNEL_CREATE_SECRET"))
                .orElseGet(TunnelCreateCommand::random);
        TunnelApi.Tunnel tunnel = api.create(name, own);
        Path file = Optional.ofNullable(credentialsFile)
                .or(() -> terminal.variable("TUNNEL_CRED_FILE").map(Path::of))
                .orElseGet(() -> CredentialsFile.usual(options.directory(terminal), tunnel.id()));
        try {
            CredentialsFile.write(file, api.token(tunnel));
        } catch (CommandFailure failed) {
            api.delete(tunnel, true);
            throw new CommandFailure(failed.getMessage() + "; the tunnel was deleted again", failed);
        }
        if (!form.print(tunnel, terminal)) {
            terminal.out()
                    .println("Tunnel credentials written to " + file + ". Keep this file secret: whoever has it can"
                            + " run the tunnel until the tunnel is deleted.");
            terminal.out().println();
            terminal.out().println("Created tunnel " + tunnel.name() + " with id " + tunnel.id());
        }
        return 0;
    }

    private static String random() {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
