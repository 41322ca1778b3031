package io.sallyport.cli;

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

    @Option(names = "--no-verbose", description = "Print only the token.")
    private boolean tokenAlone;

    private final Terminal terminal;

    AccessLoginCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        EdgeHttp http = new EdgeHttp(terminal);
        given.find(http, terminal.clock().instant())
                .ifPresentOrElse(
                        application -> signedIn(application, new AccessTokens(terminal, http).obtain(application)),
                        () -> Printable.line(terminal.err(), given.asksNobody() + "."));
    }

    private void signedIn(AccessApplication application, String token) {
        if (quiet) {
            return;
        }
        if (!tokenAlone) {
            Printable.line(terminal.err(), "Signed in. Your token for " + application.appHostname() + ":");
        }
        terminal.out().println(token);
    }
}
