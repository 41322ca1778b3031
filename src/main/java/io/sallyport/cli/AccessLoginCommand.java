package io.sallyport.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code access login URL}: signs in to an application and keeps the token. */
@Command(
        name = "login",
        description = "Sign in to an application in a browser and keep the token.",
        footerHeading = "%nExamples:%n",
        footer = {"  sallyport access login https://wiki.example.com"},
        mixinStandardHelpOptions = true)
final class AccessLoginCommand implements Runnable {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "The application's address.")
    private @Nullable String url;

    @Option(
            names = {"--app", "-app"},
            paramLabel = "URL",
            description = "The same.")
    private @Nullable String app;

    @Option(
            names = {"--quiet", "-q"},
            description = "Do not print the token.")
    private boolean quiet;

    @Option(names = "--no-verbose", description = "Print the token alone.")
    private boolean tokenAlone;

    private final Terminal terminal;

    AccessLoginCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String given = Optional.ofNullable(url)
                .or(() -> Optional.ofNullable(app))
                .orElseThrow(() ->
                        CommandFailure.misuse("which application? Give its address, such as https://wiki.example.com"));
        EdgeHttp http = new EdgeHttp(terminal);
        AccessApplication application = AccessApplication.find(
                http, AccessApplication.address(given), terminal.clock().instant());
        String token = new AccessTokens(terminal, http).obtain(application);
        if (quiet) {
            return;
        }
        if (!tokenAlone) {
            Printable.line(terminal.err(), "Signed in. Your token for " + application.appHostname() + ":");
        }
        terminal.out().println(token);
    }
}
