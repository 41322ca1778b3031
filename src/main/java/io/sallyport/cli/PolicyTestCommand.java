package io.sallyport.cli;

import io.sallyport.policy.Explanation;
import io.sallyport.policy.json.ExplanationJson;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code policy test}: decides the cases of a file by the policies of an exported file or of a gateway. It runs on this machine with
 * the gateway's policy engine, so the gateway records nothing.
 */
@Command(
        name = "test",
        description = {
            "Decide the cases of a file and compare the outcomes with those expected. Exit status: 0 all as expected, 1 not.",
            "",
            "cases:",
            "  - name: staff read the wiki",
            "    application: Wiki            # or a host and path, wiki.example.com/docs",
            "    who:                         # or {service_token: CI}; omit it for nobody",
            "      email: ada@example.com",
            "      login_method: Okta",
            "      groups: [staff]",
            "      auth_methods: [mfa]",
            "      claims: {department: it}",
            "    from: {ip: 10.0.0.7, country: PT}",
            "    expect: allowed              # allowed, denied or login_required",
            "    policy: Known people         # which policy decides, if that matters"
        },
        mixinStandardHelpOptions = true)
final class PolicyTestCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ApiOptions api;

    @Parameters(paramLabel = "CASES", description = "The file with the cases")
    private String cases = "";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "An exported configuration to use; default: the gateway's current one")
    private @Nullable String config;

    @Option(names = "--explain", description = "Show the decision tree of every case, not only of those that fail")
    private boolean explain;

    PolicyTestCommand(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        ObjectNode file = ConfigText.read(cases, terminal);
        JsonNode list = file.path("cases");
        if (!list.isArray() || list.isEmpty()) {
            throw new CommandFailure(cases + " has no cases: write a list under cases:");
        }
        OfflineWorld world = new OfflineWorld(configuration());
        int failed = 0;
        for (int i = 0; i < list.size(); i++) {
            failed += passes(world, TestCase.read(list.get(i), i + 1)) ? 0 : 1;
        }
        Printable.line(terminal.out(), list.size() + (list.size() == 1 ? " case, " : " cases, ") + failed + " failed");
        return failed == 0 ? 0 : 1;
    }

    private JsonNode configuration() {
        if (config != null) {
            return ConfigText.read(config, terminal);
        }
        ApiClient client = api.client(terminal);
        return client.get(client.account() + "/sallyport/export");
    }

    private boolean passes(OfflineWorld world, TestCase test) {
        Explanation explanation = world.decide(test);
        String outcome = ExplanationJson.word(explanation.decision());
        String policy = explanation.decision().reason().policyName();
        boolean passed = outcome.equals(test.expect())
                && (test.policy() == null || test.policy().equals(policy));
        Printable.line(
                terminal.out(),
                (passed ? "ok    " : "FAIL  ") + test.name() + ": " + outcome.replace('_', ' ')
                        + (policy == null ? "" : " by \"" + policy + "\"")
                        + (passed
                                ? ""
                                : ", expected " + test.expect().replace('_', ' ')
                                        + (test.policy() == null ? "" : " by \"" + test.policy() + "\"")));
        if (!passed || explain) {
            new DecisionText(terminal.out(), world.names()).tree(ExplanationJson.write(explanation));
        }
        return passed;
    }
}
