package io.sallyport.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code decisions show}: shows one decision with its whole tree. */
@Command(
        name = "show",
        description = "Show one decision: the policies in order, each rule with the value it saw.",
        mixinStandardHelpOptions = true)
final class DecisionsShow implements Callable<Integer> {
    private static final Pattern RAY = Pattern.compile("[0-9a-fA-F]{16}");

    private final Terminal terminal;
    private final ApiOptions api;

    @Parameters(paramLabel = "ID", description = "The ray id of the page or the access log")
    private String id = "";

    @Mixin
    private final ForPrograms form = new ForPrograms();

    DecisionsShow(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        if (!RAY.matcher(id).matches()) {
            throw CommandFailure.misuse("'" + id + "' is not a ray id, which has 16 hexadecimal digits");
        }
        ApiClient client = api.client(terminal);
        JsonNode decision = client.get(client.account() + "/sallyport/decisions/" + id.toLowerCase(Locale.ROOT));
        if (!form.print(decision, terminal)) {
            DecisionText.print(decision, terminal);
        }
        return 0;
    }
}
