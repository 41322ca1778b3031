package io.sallyport.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code access token --app URL}: prints the token of an earlier sign-in, for scripts. */
@Command(name = "token", description = "Print the token that access login obtained.", mixinStandardHelpOptions = true)
final class AccessTokenCommand implements Runnable {
    @Mixin
    private final GivenApplication given = new GivenApplication();

    private final Terminal terminal;

    AccessTokenCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        EdgeHttp http = new EdgeHttp(terminal);
        AccessApplication application =
                given.find(http, terminal.clock().instant()).orElseThrow(() -> new CommandFailure(given.asksNobody()));
        String token = new AccessTokens(terminal, http)
                .stored(application)
                .orElseThrow(() -> new CommandFailure("there is no token for " + application.appHostname()
                        + "; call access login " + given.address()));
        terminal.out().println(token);
    }
}
