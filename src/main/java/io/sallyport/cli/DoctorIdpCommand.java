package io.sallyport.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code doctor idp}: checks whether people could sign in through a provider, or says what to enter at a provider of a type. */
@Command(
        name = "idp",
        description =
                "Examine an identity provider: discovery, keys and a test login. Exit status: 0 no problems, 1 problems.",
        mixinStandardHelpOptions = true)
final class DoctorIdpCommand implements Callable<Integer> {
    /** Seven calls of five seconds each. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Terminal terminal;
    private final ApiOptions api;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "Name or id of the provider")
    private @Nullable String name;

    @Option(
            names = "--setup",
            paramLabel = "TYPE",
            description =
                    "Say what to enter at a provider of this type (google, okta, saml, …) before you create it here")
    private @Nullable String setup;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    DoctorIdpCommand(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    private record Provider(String id, String name) {}

    @Override
    public Integer call() {
        ApiClient client = api.client(terminal);
        if (setup != null) {
            return setup(client, setup);
        }
        if (name == null) {
            throw new ParameterException(spec.commandLine(), "which provider? give its NAME, or --setup TYPE");
        }
        JsonNode examined = client.post(
                client.account() + "/sallyport/doctor/identity_providers/" + ApiClient.encoded(id(client, name)),
                null,
                PATIENCE);
        List<Diagnosis> found = new ArrayList<>();
        Diagnosis.read(examined, found);
        if (form.rendering() == null) {
            print(examined.path("setup"));
        }
        return Diagnosis.report(found, examined.path("setup"), form.rendering(), terminal);
    }

    private static String id(ApiClient client, String name) {
        List<Provider> all = client.list(client.account() + "/access/identity_providers", Provider.class);
        List<Provider> named = all.stream()
                .filter(each -> each.name().equalsIgnoreCase(name) || each.id().equals(name))
                .toList();
        return switch (named.size()) {
            case 0 ->
                throw new CommandFailure("there is no identity provider " + name
                        + Nearest.hint(name, all.stream().map(Provider::name).toList()));
            case 1 -> named.getFirst().id();
            default -> throw new CommandFailure("several identity providers are called " + name + "; give the id");
        };
    }

    private int setup(ApiClient client, String type) {
        JsonNode all = client.get(client.account() + "/sallyport/doctor/identity_providers");
        JsonNode one = all.valueStream()
                .filter(each -> each.path("type").asString("").equalsIgnoreCase(type))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("there is no provider type " + type + "; there are "
                        + all.valueStream()
                                .map(each -> each.path("type").asString(""))
                                .collect(Collectors.joining(", "))));
        if (!form.print(one, terminal)) {
            print(one);
        }
        return 0;
    }

    private void print(JsonNode one) {
        PrintStream out = terminal.out();
        Printable.line(out, one.path("what_to_do").asString(""));
        line(out, "redirect URL", one.path("redirect_url").asString(""));
        line(out, "which goes to", one.path("redirect_field").asString(""));
        line(out, "entity id", one.path("entity_id").asString(""));
        line(out, "our metadata", one.path("own_metadata_url").asString(""));
        line(out, "back-channel logout", one.path("backchannel_logout_url").asString(""));
        line(
                out,
                "scopes",
                one.path("scopes")
                        .valueStream()
                        .map(scope -> scope.asString(""))
                        .collect(Collectors.joining(" ")));
    }

    private static void line(PrintStream out, String what, String value) {
        if (!value.isEmpty()) {
            Printable.line(out, "  " + what + ": " + value);
        }
    }
}
