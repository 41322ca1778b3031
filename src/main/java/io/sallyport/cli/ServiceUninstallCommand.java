package io.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code service uninstall}. */
@Command(
        name = "uninstall",
        description = "Stop the service and remove its unit and its token.",
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
        host.ask("the service does not stop, so it was not removed", "disable", "--now", SystemdHost.UNIT);
        try {
            Files.delete(host.unit());
            Files.deleteIfExists(host.token());
        } catch (IOException e) {
            throw new CommandFailure("cannot delete " + host.unit() + ": " + Trouble.with(e), e);
        }
        host.ask("systemd does not reload its units", "daemon-reload");
        terminal.out().println("The service is removed. The tunnel still exists; tunnel delete deletes it.");
        return 0;
    }
}
