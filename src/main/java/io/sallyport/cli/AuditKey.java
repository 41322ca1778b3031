package io.sallyport.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code audit key}: prints the id of the key that signs the trail. It must be kept where nobody who controls the gateway can change
 * it.
 */
@Command(
        name = "key",
        description = {
            "Print the id of the key that signs the trail.",
            "Keep it where nobody who controls the gateway can change it. audit verify --key compares with it."
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
