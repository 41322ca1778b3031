package io.sallyport.cli;

import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.connector.InvalidConfiguration;
import io.sallyport.tunnel.wire.EdgeGuide;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.WireRefusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code service install}: runs what {@code tunnel run} would run as a systemd service, without secrets in its arguments. */
@Command(
        name = "install",
        description = {
            "Run a tunnel now, and whenever this machine starts.",
            "It takes the options of tunnel run. The token is stored in a file that only root can read."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sudo sallyport service install --token-file tunnel-token",
            "  sudo sallyport service install --url http://localhost:3000 demo"
        },
        abbreviateSynopsis = true,
        mixinStandardHelpOptions = true)
final class ServiceInstallCommand implements Callable<Integer> {
    /** Flags that are turned into the token, or make no sense for a service. */
    private static final Set<TunnelFlag> NOT_PASSED_ON = Set.of(
            TunnelFlag.CONFIG,
            TunnelFlag.EDGE,
            TunnelFlag.CACERT,
            TunnelFlag.TOKEN,
            TunnelFlag.TOKEN_FILE,
            TunnelFlag.CREDENTIALS_FILE,
            TunnelFlag.CREDENTIALS_CONTENTS,
            TunnelFlag.PIDFILE);

    /** Added to the grace period of running requests. */
    private static final long STOP_SECONDS = 5;

    private final Terminal terminal;
    private final SystemdHost host;
    private final TunnelOptions options;
    private final TunnelApiOptions api;

    @Parameters(
            arity = "0..1",
            paramLabel = "TUNNEL",
            description = "Name or id, or a token; other processes can read arguments, so prefer --token-file")
    private @Nullable String tunnel;

    private ServiceInstallCommand(Terminal terminal, SystemdHost host, TunnelOptions options, TunnelApiOptions api) {
        this.terminal = terminal;
        this.host = host;
        this.options = options;
        this.api = api;
    }

    static CommandLine commandLine(Terminal terminal, SystemdHost host) {
        TunnelOptions options = new TunnelOptions();
        TunnelApiOptions api = new TunnelApiOptions();
        CommandLine line = new CommandLine(new ServiceInstallCommand(terminal, host, options, api));
        options.addTo(line.getCommandSpec());
        options.addConfigTo(line.getCommandSpec());
        line.addMixin("api", api);
        return line;
    }

    @Override
    public Integer call() {
        host.require();
        if (Files.exists(host.unit())) {
            throw new CommandFailure(
                    "the service " + host.unit() + " already exists; 'sallyport service uninstall'" + " removes it");
        }
        try {
            install();
        } catch (InvalidConfiguration e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        terminal.out()
                .println("The tunnel runs as " + SystemdHost.UNIT + "; 'journalctl -u " + SystemdHost.UNIT
                        + "' shows its log.");
        return 0;
    }

    private void install() {
        Optional<ConnectorFile> file = options.file(terminal);
        if (options.value(TunnelFlag.LOGFILE, terminal, file).isPresent()) {
            throw new CommandFailure(
                    "logfile: the service may not write files, and its log is in the journal; remove the option");
        }
        Program program = Program.ofThisProcess(terminal);
        List<Path> needed = new ArrayList<>(program.files());
        file.map(ConnectorFile::path).ifPresent(needed::add);
        needed.stream().filter(path -> !ServiceUnit.sees(path)).findFirst().ifPresent(hidden -> {
            throw new CommandFailure(
                    "the service cannot read " + hidden
                            + ", because it has no access to home and temporary directories; move it, for example to /opt or /etc");
        });
        RunSettings run = new RunSettings(terminal, options, api, file);
        Optional<String> token = token();
        token.ifPresent(given -> options.give(TunnelFlag.TOKEN, given));
        ConnectorSettings settings = run.settings(token.isPresent() ? null : tunnel);
        run.configuration(file); // reports errors now that would prevent it from running
        TunnelCredentials credentials = credentials(settings);
        String unit = ServiceUnit.text(
                program.words(),
                program.environment(),
                host.token(),
                flags(settings, credentials.edge(), file),
                settings.grace().toSeconds() + STOP_SECONDS);
        write(credentials, unit);
    }

    private void write(TunnelCredentials credentials, String unit) {
        try {
            Files.deleteIfExists(host.token()); // left by an installation that failed
            PrivateFile.create(host.token(), credentials.token());
            Files.createDirectories(host.unit().getParent());
            Files.writeString(host.unit(), unit);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + host.unit() + ": " + Trouble.with(e), e);
        }
        host.ask("systemd does not reload its units", "daemon-reload");
        host.ask(
                "the service does not start: 'journalctl -u " + SystemdHost.UNIT + "' says why",
                "enable",
                "--now",
                SystemdHost.UNIT);
    }

    /** The token, if it is the only argument, as with cloudflared. */
    private Optional<String> token() {
        if (tunnel == null) {
            return Optional.empty();
        }
        try {
            TunnelCredentials.ofToken(tunnel);
            return Optional.of(tunnel);
        } catch (WireRefusal isAName) {
            return Optional.empty();
        }
    }

    /** The credentials with the edge's certificate authority, wherever that was found. */
    private static TunnelCredentials credentials(ConnectorSettings settings) {
        TunnelCredentials credentials = settings.credentials();
        return settings.edgeCa()
                .map(pem -> credentials.with(new EdgeGuide(credentials.edge().address(), read(pem))))
                .orElse(credentials);
    }

    private static String read(Path pem) {
        try {
            return Files.readString(pem, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + pem + ": " + Trouble.with(e), e);
        }
    }

    private List<String> flags(ConnectorSettings settings, EdgeGuide told, Optional<ConnectorFile> file) {
        List<String> flags = new ArrayList<>();
        file.ifPresent(
                config -> flags.add("--config=" + config.path().toAbsolutePath().normalize()));
        if (!settings.edges().equals(List.of(told.address()))) {
            settings.edges().forEach(edge -> flags.add("--edge=" + edge));
        }
        for (TunnelFlag flag : TunnelFlag.values()) {
            if (!flag.kind().isIgnored() && !NOT_PASSED_ON.contains(flag)) {
                options.values(flag, terminal, Optional.empty())
                        .forEach(value -> flags.add("--" + flag.flag() + "=" + value));
            }
        }
        return flags;
    }

    /**
     * How this program is started.
     *
     * @param files files that must be readable for that
     */
    private record Program(List<String> words, Map<String, String> environment, List<Path> files) {
        private static final List<String> VARIABLES = List.of("JAVA_HOME", "SALLYPORT_JAR", "SALLYPORT_PREPARED");

        static Program ofThisProcess(Terminal terminal) {
            Optional<String> launcher = terminal.variable("SALLYPORT_LAUNCHER");
            if (launcher.isPresent()) {
                Map<String, String> environment = VARIABLES.stream()
                        .filter(name -> terminal.variable(name).isPresent())
                        .collect(Collectors.toMap(
                                name -> name, name -> terminal.variable(name).orElseThrow()));
                List<Path> files = Stream.concat(launcher.stream(), environment.values().stream())
                        .map(Path::of)
                        .toList();
                return new Program(List.of(launcher.get()), environment, files);
            }
            String jar = System.getProperty("java.class.path", "");
            Optional<String> java = ProcessHandle.current().info().command();
            if (java.isEmpty() || !jar.endsWith(".jar") || jar.contains(":")) {
                throw new CommandFailure(
                        "this program cannot find out how it was started; run it as bin/sallyport or as java -jar");
            }
            Path whole = Path.of(jar).toAbsolutePath().normalize();
            return new Program(
                    List.of(java.get(), "-jar", whole.toString()), Map.of(), List.of(Path.of(java.get()), whole));
        }
    }
}
