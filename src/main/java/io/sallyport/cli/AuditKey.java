package io.sallyport.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code audit key}: which key signs the trail, to be noted where nobody who reaches the gateway can change it. */
@Command(
        name = "key",
        description = {
            "Print the id of the key that signs the trail.",
            "Note it down where nobody who reaches the gateway can: it is what audit verify --key compares with."
        },
        mixinStandardHelpOptions = true)
final class AuditKey implements Callable<Integer> {
    private final Terminal terminal;
    private final ApiOptions api;

    AuditKey(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        ApiClient client = api.client(terminal);
        Printable.line(
                terminal.out(),
                client.get(client.account() + "/sallyport/audit/key")
                        .path("kid")
                        .asString(""));
        return 0;
    }
}
