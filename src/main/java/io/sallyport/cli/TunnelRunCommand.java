package io.sallyport.cli;

import io.netty.util.NetUtil;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.sallyport.connector.ConfigWatch;
import io.sallyport.connector.Configuration;
import io.sallyport.connector.Connector;
import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.ConnectorLog;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.connector.InvalidConfiguration;
import io.sallyport.connector.StatusServer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tunnel run}: runs a tunnel until it is told to stop. */
@Command(
        name = "run",
        description = {
            "Run a tunnel: keep connections to the gateway and forward its requests to your services.",
            "Pass the token with --token-file or TUNNEL_TOKEN; other processes can read arguments."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport tunnel run --token-file /etc/sallyport/tunnel-token",
            "  sallyport tunnel run --url http://localhost:3000 demo",
            "  sallyport tunnel --config ./config.yml run"
        },
        abbreviateSynopsis = true,
        mixinStandardHelpOptions = true)
final class TunnelRunCommand implements Callable<Integer> {
    private static final Duration LOOK_AT_FILE = Duration.ofSeconds(1);

    private final Terminal terminal;
    private final TunnelOptions options;
    private final TunnelApiOptions api;

    @Parameters(arity = "0..1", paramLabel = "TUNNEL", description = "Name or id; not needed with a token")
    private @Nullable String tunnel;

    private TunnelRunCommand(Terminal terminal, TunnelOptions options, TunnelApiOptions api) {
        this.terminal = terminal;
        this.options = options;
        this.api = api;
    }

    static CommandLine commandLine(Terminal terminal, TunnelOptions options, TunnelApiOptions api) {
        CommandLine line = new CommandLine(new TunnelRunCommand(terminal, options, api));
        options.addTo(line.getCommandSpec());
        return line;
    }

    @Override
    public Integer call() throws Exception {
        // Netty's default logger would load Logback, and with it a part of Spring Boot.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        Optional<ConnectorFile> file = file();
        try (PrintStream logStream = logStream(file)) {
            ConnectorLog.Level least = level(TunnelFlag.LOGLEVEL, "info", file);
            ConnectorLog log = isJson(file)
                    ? ConnectorLog.json(logStream, least, terminal.clock())
                    : new ConnectorLog(logStream, least, terminal.clock());
            TransportLog.write(log, level(TunnelFlag.TRANSPORT_LOGLEVEL, "error", file));
            if (options.isArgument(TunnelFlag.TOKEN)) {
                log.log(
                        ConnectorLog.Level.WARN,
                        "The token is in the arguments, which other processes can read; --token-file and TUNNEL_TOKEN avoid that");
            }
            RunSettings run = new RunSettings(terminal, options, api, file);
            ConnectorSettings settings = run.settings(tunnel);
            Connector connector = new Connector(settings, rules(file, run, log), log, terminal.clock());
            return run(connector, log, file, run);
        } catch (InvalidConfiguration e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private int run(Connector connector, ConnectorLog log, Optional<ConnectorFile> file, RunSettings run)
            throws IOException {
        Thread farewell = new Thread(() -> {
            log.log(ConnectorLog.Level.INFO, "Initiating graceful shutdown due to signal");
            connector.stop().join();
            // A requested stop is not a failure; by default Java would exit with 143.
            Runtime.getRuntime().halt(0);
        });
        try (StatusServer status = status(connector);
                ConfigWatch watch = file.map(first -> new ConfigWatch(
                                first, connector, now -> rules(Optional.of(now), run, log), log, LOOK_AT_FILE))
                        .orElse(null)) {
            log.log(
                    ConnectorLog.Level.INFO,
                    "Starting metrics server on " + NetUtil.toSocketAddressString(status.address()));
            if (watch != null) {
                log.log(
                        ConnectorLog.Level.DEBUG,
                        "Watching the config file",
                        "path",
                        file.map(first -> first.path().toString()).orElse(""));
            }
            connector.whenReady().thenRun(() -> writePid(file));
            // Not before: whoever cannot start ends with a failure, and this would make a success of it.
            Runtime.getRuntime().addShutdownHook(farewell);
            connector.start();
            String reason = connector.whenEnded().join();
            forget(farewell);
            if (!reason.isEmpty()) {
                throw new CommandFailure(reason);
            }
            return 0;
        }
    }

    /** The rules to run. Warns of keys without a meaning first, because a mistyped one is often why the rules are not valid. */
    private static Configuration rules(Optional<ConnectorFile> file, RunSettings run, ConnectorLog log) {
        file.ifPresent(written -> {
            Set<String> unused = written.unusedKeys(TunnelOptions.FILE_KEYS);
            if (!unused.isEmpty()) {
                log.log(
                        ConnectorLog.Level.WARN,
                        "The config file has unknown keys, which are ignored; are they mistyped?",
                        "path",
                        written.path().toString(),
                        "keys",
                        String.join(", ", unused));
            }
        });
        return run.configuration(file);
    }

    /** Removes the shutdown hook, which would otherwise end other work of this process. */
    private static void forget(Thread farewell) {
        try {
            Runtime.getRuntime().removeShutdownHook(farewell);
        } catch (IllegalStateException isSayingIt) {
            return; // the process is ending: the connector ended because of it
        }
    }

    private Optional<ConnectorFile> file() {
        try {
            return options.file(terminal);
        } catch (InvalidConfiguration e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private StatusServer status(Connector connector) throws IOException {
        Optional<String> address = value(TunnelFlag.METRICS);
        if (address.isEmpty()) {
            return StatusServer.start(connector);
        }
        String text = address.get();
        int colon = text.lastIndexOf(':');
        try {
            String host = colon <= 0 ? "127.0.0.1" : text.substring(0, colon).replaceAll("[\\[\\]]", "");
            return StatusServer.start(
                    connector, new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1))));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.misuse("metrics: '" + text + "' is not HOST:PORT");
        } catch (IOException e) {
            throw new CommandFailure("metrics: cannot listen on " + text + ": " + Trouble.listening(e), e);
        }
    }

    private Optional<String> value(TunnelFlag flag) {
        return options.value(flag, terminal, file());
    }

    private PrintStream logStream(Optional<ConnectorFile> file) {
        Optional<String> path = options.value(TunnelFlag.LOGFILE, terminal, file);
        if (path.isEmpty()) {
            // Must stay open when the command ends.
            return new PrintStream(new Uncloseable(terminal.err()), true, StandardCharsets.UTF_8);
        }
        try {
            OutputStream both = new Tee(
                    terminal.err(),
                    Files.newOutputStream(Path.of(path.get()), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
            return new PrintStream(both, true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandFailure("logfile: cannot write " + path.get() + ": " + Trouble.with(e), e);
        }
    }

    private boolean isJson(Optional<ConnectorFile> file) {
        return options.value(TunnelFlag.OUTPUT, terminal, file)
                .filter("json"::equals)
                .isPresent();
    }

    private ConnectorLog.Level level(TunnelFlag flag, String usual, Optional<ConnectorFile> file) {
        String name = options.value(flag, terminal, file).orElse(usual);
        try {
            return ConnectorLog.Level.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.misuse(flag.flag() + ": '" + name + "' is not one of debug, info, warn, error, fatal");
        }
    }

    private void writePid(Optional<ConnectorFile> file) {
        options.value(TunnelFlag.PIDFILE, terminal, file).ifPresent(path -> {
            try {
                Files.writeString(
                        Path.of(path), Long.toString(ProcessHandle.current().pid()));
            } catch (IOException e) {
                terminal.err().println("Warning: cannot write the pidfile " + path);
            }
        });
    }

    /** Passes on everything except close(). */
    private static class Uncloseable extends FilterOutputStream {
        Uncloseable(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    /** Writes to two places; the first stays open. */
    private static final class Tee extends Uncloseable {
        private final OutputStream second;

        Tee(OutputStream first, OutputStream second) {
            super(first);
            this.second = second;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            super.write(bytes, offset, length);
            second.write(bytes, offset, length);
        }

        @Override
        public void write(int one) throws IOException {
            super.write(one);
            second.write(one);
        }

        @Override
        public void flush() throws IOException {
            super.flush();
            second.flush();
        }

        @Override
        public void close() throws IOException {
            super.close();
            second.close();
        }
    }
}
