package io.sallyport.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code access login URL}: signs in to an application and keeps the token. */
@Command(
        name = "login",
        description = "Sign in to an application in a browser and keep the token.",
        footerHeading = "%nExamples:%n",
        footer = {"  sallyport access login https://wiki.example.com"},
        mixinStandardHelpOptions = true)
final class AccessLoginCommand implements Runnable {
    @Mixin
    private final GivenApplication given = new GivenApplication();

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
        EdgeHttp http = new EdgeHttp(terminal);
        AccessApplication application = given.find(http, terminal.clock().instant());
        Optional<String> token = new AccessTokens(terminal, http).obtainIfAsked(application);
        if (token.isEmpty()) {
            Printable.line(
                    terminal.err(),
                    application.appHostname() + " asks nobody here for a sign-in, so there is no token.");
            return;
        }
        if (quiet) {
            return;
        }
        if (!tokenAlone) {
            Printable.line(terminal.err(), "Signed in. Your token for " + application.appHostname() + ":");
        }
        terminal.out().println(token.get());
    }
}
