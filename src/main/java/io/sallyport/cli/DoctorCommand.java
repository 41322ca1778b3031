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
 * {@code doctor}: one sentence for each check of what a working sign-in needs. The gateway examines what it sees itself; names,
 * certificates, the callback and the tunnel port are checked from this machine, as visitors and connectors would see them.
 */
@Command(
        name = "doctor",
        description = "Find problems of this installation. Exit status: 0 none, 1 some.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    /** An address for documentation (RFC 5737). A gateway that takes it for ours trusts the forwarding headers of strangers. */
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
                            + "; checks that do not need it follow."));
            return null;
        }
    }
}
