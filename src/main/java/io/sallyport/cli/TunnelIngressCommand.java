package io.sallyport.cli;

import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.Ingress;
import io.sallyport.connector.InvalidConfiguration;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tunnel ingress}: checks the rules of a config file without running them, with cloudflared's messages. */
@Command(
        name = "ingress",
        description = "Check the rules of a config file.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class TunnelIngressCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private TunnelIngressCommand() {}

    static CommandLine commandLine(Terminal terminal, TunnelOptions options) {
        return new CommandLine(new TunnelIngressCommand())
                .addSubcommand(new Validate(terminal, options))
                .addSubcommand(new Match(terminal, options));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "tunnel ingress needs a command: validate or rule");
    }

    /** {@code validate}. */
    @Command(name = "validate", description = "Check whether the rules are valid.", mixinStandardHelpOptions = true)
    static final class Validate implements Callable<Integer> {
        private final Terminal terminal;
        private final TunnelOptions options;

        @Option(
                names = {"--json", "-j"},
                paramLabel = "JSON",
                description = "Check this text instead of a file (TUNNEL_INGRESS_VALIDATE_JSON)")
        private @Nullable String json;

        Validate(Terminal terminal, TunnelOptions options) {
            this.terminal = terminal;
            this.options = options;
        }

        @Override
        public Integer call() {
            try {
                ConnectorFile file = Optional.ofNullable(json)
                        .or(() -> terminal.variable("TUNNEL_INGRESS_VALIDATE_JSON"))
                        .map(text -> ConnectorFile.parse(Path.of("command line flag"), text))
                        .orElseGet(() -> options.file(terminal).orElseThrow(TunnelIngressCommand::noFile));
                terminal.out().println("Validating rules from " + file.path());
                // Named first, because a mistyped key is often why the rules are not valid.
                Set<String> unused = file.unusedKeys(TunnelOptions.FILE_KEYS);
                if (!unused.isEmpty()) {
                    terminal.out()
                            .println(
                                    "Warning: unused keys detected in your config file. Here is a list of unused keys:");
                    unused.forEach(key -> terminal.out().println("  " + key));
                }
                rules(file, options, terminal);
                if (unused.isEmpty()) {
                    terminal.out().println("OK");
                }
                return 0;
            } catch (InvalidConfiguration e) {
                throw new CommandFailure("Validation failed: " + e.getMessage(), e);
            }
        }
    }

    /** {@code rule URL}. */
    @Command(name = "rule", description = "Show which rule matches a URL.", mixinStandardHelpOptions = true)
    static final class Match implements Callable<Integer> {
        private final Terminal terminal;
        private final TunnelOptions options;

        @Parameters(paramLabel = "URL")
        private String url = "";

        Match(Terminal terminal, TunnelOptions options) {
            this.terminal = terminal;
            this.options = options;
        }

        @Override
        public Integer call() {
            try {
                ConnectorFile file = options.file(terminal).orElseThrow(TunnelIngressCommand::noFile);
                terminal.out().println("Using rules from " + file.path());
                Ingress ingress = rules(file, options, terminal);
                URI uri = request(url);
                String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
                int index = ingress.find(uri.getAuthority(), path)
                        .orElseThrow(() -> new CommandFailure("the path of " + url + " cannot be decoded"));
                terminal.out().println("Matched rule #" + index);
                terminal.out().println(ingress.show(index));
                return 0;
            } catch (InvalidConfiguration e) {
                throw new CommandFailure("Validation failed: " + e.getMessage(), e);
            }
        }
    }

    private static Ingress rules(ConnectorFile file, TunnelOptions options, Terminal terminal) {
        if (options.value(TunnelFlag.URL, terminal, Optional.of(file)).isPresent()) {
            throw new InvalidConfiguration(
                    "You can't set the --url flag (or $TUNNEL_URL) when using multiple-origin ingress rules");
        }
        if (!file.hasIngress()) {
            throw new InvalidConfiguration("The config file doesn't contain any ingress rules");
        }
        return file.ingress();
    }

    private static CommandFailure noFile() {
        return new CommandFailure("Validation failed: no configuration file was found; name one with --config");
    }

    private static URI request(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getScheme() != null && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        throw CommandFailure.misuse("'" + url + "' is not a URL with a scheme and a host");
    }
}
