package io.sallyport.cli;

import io.sallyport.token.ManagementResource;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code management}: tokens for querying running connectors. */
@Command(
        name = "management",
        description = "Get access to the log and status of running connectors.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class ManagementCommand implements Runnable {
    @Mixin
    private final TunnelApiOptions api = new TunnelApiOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ManagementCommand() {}

    static CommandLine commandLine(Terminal terminal) {
        ManagementCommand management = new ManagementCommand();
        return new CommandLine(management).addSubcommand(new Token(terminal, management.api));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "management needs a command: token");
    }

    /** {@code token}. */
    @Command(
            name = "token",
            description = {
                "Print a token for the log or status of a tunnel's connectors, valid for an hour.",
                "Whoever has it may read them; keep it as secret as the log."
            },
            mixinStandardHelpOptions = true)
    private static final class Token implements Callable<Integer> {
        private final Terminal terminal;
        private final TunnelApiOptions options;

        @Parameters(paramLabel = "TUNNEL", description = "Its id or name")
        private String tunnel = "";

        @Option(
                names = "--resource",
                required = true,
                paramLabel = "WORD",
                description = "What it opens: logs, admin or host_details")
        private String resource = "";

        Token(Terminal terminal, TunnelApiOptions options) {
            this.terminal = terminal;
            this.options = options;
        }

        @Override
        public Integer call() {
            ManagementResource wanted = ManagementResource.of(resource)
                    .orElseThrow(() -> CommandFailure.misuse("--resource: '%s' is not one of %s"
                            .formatted(
                                    resource,
                                    Arrays.stream(ManagementResource.values())
                                            .map(ManagementResource::word)
                                            .collect(Collectors.joining(", ")))));
            TunnelApi api = options.connect(terminal);
            String token = api.managementToken(api.find(tunnel), wanted);
            terminal.out().println(JsonMapper.shared().writeValueAsString(Map.of("token", token)));
            return 0;
        }
    }
}
