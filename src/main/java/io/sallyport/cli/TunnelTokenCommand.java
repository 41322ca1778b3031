package io.sallyport.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tunnel token}. */
@Command(
        name = "token",
        description = "Print the token of a tunnel. Keep it secret: redirect it into a file.",
        mixinStandardHelpOptions = true)
final class TunnelTokenCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", description = "Its id or name")
    private String tunnel = "";

    @Option(
            names = {"--credentials-file", "--cred-file"},
            paramLabel = "FILE",
            description = "Write the credentials to this new file instead (TUNNEL_CRED_FILE)")
    private @Nullable Path credentialsFile;

    TunnelTokenCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        TunnelApi api = options.connect(terminal);
        String token = api.token(api.find(tunnel));
        Path file = credentialsFile != null
                ? credentialsFile
                : terminal.variable("TUNNEL_CRED_FILE").map(Path::of).orElse(null);
        if (file == null) {
            terminal.out().println(token);
        } else {
            CredentialsFile.write(file, token);
        }
        return 0;
    }
}
