package io.sallyport.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code tunnel authority}: prints the edge's certificate authority. cloudflared has no such command; its authorities are built in. */
@Command(
        name = "authority",
        description = "Print the certificate authority that connectors on other machines must trust, PEM.",
        footerHeading = "%nExample:%n",
        footer = {"  sallyport tunnel authority > tunnel-ca.pem", "  sallyport tunnel run --cacert tunnel-ca.pem demo"},
        mixinStandardHelpOptions = true)
final class TunnelAuthorityCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final TunnelApiOptions options;

    TunnelAuthorityCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        terminal.out().print(options.connect(terminal).authority());
        terminal.out().flush();
        return 0;
    }
}
