package io.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code service uninstall}. */
@Command(
        name = "uninstall",
        description = "Stop the service and take away its unit and its token.",
        mixinStandardHelpOptions = true)
final class ServiceUninstallCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final SystemdHost host;

    ServiceUninstallCommand(Terminal terminal, SystemdHost host) {
        this.terminal = terminal;
        this.host = host;
    }

    @Override
    public Integer call() {
        host.require();
        if (!Files.exists(host.unit())) {
            throw new CommandFailure("there is no service " + host.unit());
        }
        host.ask("the service does not stop, and stays", "disable", "--now", SystemdHost.UNIT);
        try {
            Files.delete(host.unit());
            Files.deleteIfExists(host.token());
        } catch (IOException e) {
            throw new CommandFailure("cannot delete " + host.unit() + ": " + Trouble.with(e), e);
        }
        host.ask("systemd does not read its units again", "daemon-reload");
        terminal.out().println("The service is gone. The tunnel is still there; tunnel delete takes it away.");
        return 0;
    }
}
