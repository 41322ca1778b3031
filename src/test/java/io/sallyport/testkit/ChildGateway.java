package io.sallyport.testkit;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The product as a process of its own: for what the system gives or denies a process, and for its environment. */
public final class ChildGateway implements AutoCloseable {
    private static final Pattern LISTENS = Pattern.compile("Netty started on port ([0-9]+)");
    private static final Pattern SERVES = Pattern.compile("connectors are served on port ([0-9]+)");

    private final Process process;
    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final int port;

    private ChildGateway(Process process) throws IOException {
        this.process = process;
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        this.port = firstPort(output);
        Thread.ofVirtual().start(() -> listen(output));
    }

    /** What it is started with. */
    public static final class Start {
        private final List<String> java = new ArrayList<>(
                List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dkeystore.pkcs12.keyPbeIterationCount=1"));
        private final Map<String, String> environment = new HashMap<>();
        private final Class<?> main;
        private String shell = "";
        private boolean servesConnectors;

        /** @param main the class to start, which gets the settings as arguments */
        public Start(Class<?> main) {
            this.main = main;
        }

        /** One more option of its Java. */
        public Start java(String option) {
            java.add(option);
            return this;
        }

        /** The most descriptors it may have open, hard. */
        public Start descriptors(int most) {
            shell = "ulimit -n " + most + "; ";
            return this;
        }

        /** With the listeners for connectors. */
        public Start tunnel() {
            servesConnectors = true;
            return this;
        }

        /** A variable of its environment. */
        public Start environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Starts it on a database and a data directory, and waits until it listens. */
        public ChildGateway on(TestPostgres postgres, Path data) {
            KeptKeys.lend(postgres, data.resolve("master-key"));
            List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", shell + "exec \"$@\"", "sh"));
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(java);
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    "gateway",
                    "--sallyport.http.port=0",
                    "--sallyport.management.port=0",
                    "--sallyport.tunnel.port=0",
                    "--sallyport.tunnel.enabled=" + servesConnectors,
                    "--sallyport.outbound.allow=127.0.0.0/8",
                    "--server.address=127.0.0.1",
                    "--server.shutdown=immediate",
                    "--spring.reactor.netty.shutdown-quiet-period=0s",
                    "--sallyport.data-dir=" + data));
            postgres.settings().forEach((key, value) -> command.add("--" + key + "=" + value));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("SALLYPORT_ADMIN_TOKEN", TestServer.ADMIN_TOKEN);
            builder.environment().putAll(environment);
            try {
                return new ChildGateway(builder.start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The public port, which is the first one it speaks of. */
    private int firstPort(BufferedReader output) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            Matcher listens = LISTENS.matcher(line);
            if (listens.find()) {
                return Integer.parseInt(listens.group(1));
            }
        }
        throw new AssertionError("the gateway ended: " + String.join("\n", said));
    }

    /** Reads what else it says, so that it never waits for us. */
    private void listen(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                said.add(line);
            }
        } catch (IOException ended) {
            return; // the gateway is gone, and its output with it
        }
    }

    /** The public port. */
    public int port() {
        return port;
    }

    /** Where connectors are served, once it has said so. */
    public int tunnelPort() {
        return await("the tunnel port")
                .until(
                        () -> said.stream()
                                .map(SERVES::matcher)
                                .filter(Matcher::find)
                                .map(found -> Integer.parseInt(found.group(1)))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Its admin API. */
    public AdminClient admin() {
        return new AdminClient("http://127.0.0.1:" + port, TestServer.ADMIN_TOKEN);
    }

    /** What it said so far. */
    public List<String> said() {
        return List.copyOf(said);
    }

    /** Tells its main class something on a line. */
    public void tell(String line) throws IOException {
        Writer input = process.outputWriter(StandardCharsets.UTF_8);
        input.write(line + "\n");
        input.flush();
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the gateway did not end when it was asked to");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
