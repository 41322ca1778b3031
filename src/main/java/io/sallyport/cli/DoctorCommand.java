package io.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/**
 * {@code doctor}: one sentence for each thing without which nobody gets in. The gateway examines what it sees itself; names,
 * certificates, the callback and the tunnel port are looked at from here, where visitors and connectors are.
 */
@Command(
        name = "doctor",
        description = "Say what is wrong with this installation. Exit status: 0 nothing, 1 something.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    /** Nobody's address (RFC 5737): a gateway that takes us for it believes strangers. */
    private static final String PRETENDED = "192.0.2.77";

    private final Terminal terminal;

    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Mixin
    private final ForPrograms form = new ForPrograms();

    private DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The command with {@code doctor idp}. */
    static CommandLine commandLine(Terminal terminal) {
        DoctorCommand parent = new DoctorCommand(terminal);
        return new CommandLine(parent).addSubcommand(new DoctorIdpCommand(terminal, parent.api));
    }

    @Override
    public Integer call() {
        List<Diagnosis> found = new ArrayList<>();
        JsonNode examined = gateway(found);
        if (examined == null) {
            new LocalChecks(terminal).examine(found);
        } else {
            Diagnosis.read(examined, found);
            new OutsideChecks(terminal).examine(examined, found);
        }
        return Diagnosis.report(found, null, form.rendering(), terminal);
    }

    private @Nullable JsonNode gateway(List<Diagnosis> found) {
        try {
            ApiClient client = api.client(terminal).claiming(PRETENDED);
            JsonNode examined = client.get(client.account() + "/sallyport/doctor");
            found.add(Diagnosis.ok("gateway", "The gateway answers at " + api.base(terminal, ApiOptions.LOCAL) + "."));
            return examined;
        } catch (CommandFailure failure) {
            found.add(Diagnosis.failed(
                    "gateway",
                    "The gateway cannot be examined: " + failure.getMessage()
                            + "; what can be seen without it follows."));
            return null;
        }
    }
}
