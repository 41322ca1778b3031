package io.sallyport.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code access token --app URL}: prints the token a sign-in left, for scripts. */
@Command(name = "token", description = "Print the token that access login got.", mixinStandardHelpOptions = true)
final class AccessTokenCommand implements Runnable {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "The application's address.")
    private @Nullable String url;

    @Option(
            names = {"--app", "-app"},
            paramLabel = "URL",
            description = "The same.")
    private @Nullable String app;

    private final Terminal terminal;

    AccessTokenCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String given = Optional.ofNullable(app)
                .or(() -> Optional.ofNullable(url))
                .orElseThrow(() ->
                        CommandFailure.misuse("which application? Give its address, such as https://wiki.example.com"));
        EdgeHttp http = new EdgeHttp(terminal);
        AccessApplication application = AccessApplication.find(
                http, AccessApplication.address(given), terminal.clock().instant());
        String token = new AccessTokens(terminal, http)
                .stored(application)
                .orElseThrow(() -> new CommandFailure(
                        "there is no token for " + application.appHostname() + "; call access login " + given));
        terminal.out().println(token);
    }
}
