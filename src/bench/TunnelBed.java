import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@link TunnelFigures} and {@link TunnelFaults} need running: an origin, a gateway, and a connector for each transport, all on
 * loopback. The application {@code direct.localhost} reaches the origin without a tunnel, {@code http2.localhost} and
 * {@code quic.localhost} through one. {@code --classpath=FILE} runs {@code target/classes} with the class path in that file instead
 * of {@code target/sallyport.jar}; {@code --jfr=DIRECTORY} leaves flight recordings there; {@code --ha-connections=N} is the
 * connectors'.
 */
final class TunnelBed implements AutoCloseable {
    static final String BODY = "x".repeat(1024);
    static {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    /** As {@code src/main/bin/sallyport} starts them, so that memory and rates are the product's. */
    private static final List<String> GATEWAY = List.of("-Xmx512m", "-XX:+UseParallelGC");

    private static final List<String> CONNECTOR = List.of("-XX:+UseSerialGC", "-Dio.netty.jfr.enabled=false", "-Xms16m", "-Xmn12m",
            "-Xmx128m", "-Xss512k", "-XX:ReservedCodeCacheSize=48m", "-XX:TrimNativeHeapInterval=5000");

    private static final long BULK = 4L << 30;
    private static final List<String> PROTOCOLS = List.of("http2", "quic");

    final Map<String, String> options;
    final Path work;
    final int origin;
    final int port;
    final int tunnelPort;
    /** Of each protocol's tunnel. */
    final Map<String, String> tokens = new LinkedHashMap<>();
    Process gateway;
    private final AdminApi api;
    private final Map<String, String> ids = new LinkedHashMap<>();
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private final Map<String, Process> connectors = new LinkedHashMap<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Starts everything but connectors, and makes the applications and tunnels. */
    TunnelBed(String[] args) throws IOException {
        options = Arrays.stream(args)
                .map(each -> each.replaceFirst("^--", "").split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1]));
        work = Files.createTempDirectory("sallyport-tunnel");
        origin = freePort();
        port = freePort();
        tunnelPort = freePort();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        startNginx();
        gateway = startGateway();
        String token = await(() -> Files.readString(work.resolve("data/admin-token")).strip());
        awaitStatus("/client/v4/accounts", "127.0.0.1", 401);
        api = new AdminApi(client, "http://127.0.0.1:" + port, token);
        api.post("/access/identity_providers", "{\"name\":\"PIN\",\"type\":\"onetimepin\",\"config\":{}}");
        application("direct");
        api.post("/sallyport/origins",
                "{\"hostname\":\"direct.localhost\",\"service\":\"http://127.0.0.1:%d\"}".formatted(origin));
        for (String protocol : PROTOCOLS) {
            tokens.put(protocol, tunnel(protocol));
        }
        awaitStatus("/", "direct.localhost", 200);
    }

    static void ask(Socket socket, String host, String path) throws IOException {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads one answer whole. */
    static int answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("cut off");
            }
            head.append((char) c);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        in.skipNBytes(length.find() ? Long.parseLong(length.group(1)) : 0);
        return Integer.parseInt(head.substring(9, 12));
    }

    private void startNginx() throws IOException {
        try (RandomAccessFile bulk = new RandomAccessFile(work.resolve("bulk").toFile(), "rw")) {
            bulk.setLength(BULK);
        }
        Path conf = Files.writeString(work.resolve("nginx.conf"), """
                daemon off; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 4096; }
                http {
                  access_log off; keepalive_requests 1000000000; sendfile on; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p;
                  fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                  server { listen 127.0.0.1:%2$d; root %1$s;
                    location = / { default_type text/plain; return 200 '%3$s'; } location = /bulk { default_type application/octet-stream; } }
                }
                """.formatted(work, origin, BODY));
        // Workers of a root's nginx run as somebody else.
        work.toFile().setExecutable(true, false);
        work.toFile().setReadable(true, false);
        start("nginx", List.of("nginx", "-c", conf.toString(), "-p", work.toString()), Map.of());
    }

    Process startGateway() throws IOException {
        return startGateway("gateway", work.resolve("data"), port, tunnelPort, List.of(), Map.of());
    }

    private Process startGateway(
            String name, Path data, int httpPort, int connectors, List<String> more, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(jvm(name, GATEWAY));
        command.addAll(List.of(
                "gateway", "--sallyport.http.port=" + httpPort, "--sallyport.management.port=0", "--server.address=127.0.0.1",
                "--sallyport.limits.connections-per-source=20000", "--sallyport.tunnel.port=" + connectors, "--sallyport.data-dir=" + data,
                "--sallyport.mail.outbox=" + data.resolve("outbox")));
        command.addAll(more);
        return start(name, command, environment);
    }

    /** One more gateway on the first one's database. */
    record Replica(Process process, int port, int tunnelPort) {}

    /** Starts one, with the first one's database and master key, and waits until it serves. */
    Replica startReplica(String name) throws IOException {
        Path first = work.resolve("data");
        String database = Files.readAllLines(first.resolve("postgres/data/postmaster.pid")).get(3).strip();
        int httpPort = freePort();
        int connectors = freePort();
        Process process = startGateway(name, work.resolve(name), httpPort, connectors,
                List.of("--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + database + "/sallyport",
                        "--spring.datasource.username=sallyport", "--sallyport.master-key-file=" + first.resolve("master-key")),
                Map.of("SPRING_DATASOURCE_PASSWORD", Files.readString(first.resolve("postgres/password")).strip()));
        awaitStatus(httpPort, "/", "direct.localhost", 200);
        return new Replica(process, httpPort, connectors);
    }

    Process startConnector(String name, String protocol, String token) throws IOException {
        return startConnector(name, protocol, token, number("ha-connections", 4));
    }

    Process startConnector(String name, String protocol, String token, int connections) throws IOException {
        return startConnector(name, protocol, token, connections, tunnelPort);
    }

    Process startConnector(String name, String protocol, String token, int connections, int... edges) throws IOException {
        List<String> command = new ArrayList<>(jvm(name, CONNECTOR));
        command.add("tunnel");
        for (int edge : edges) {
            command.add("--edge=127.0.0.1:" + edge);
        }
        command.addAll(List.of("--cacert=" + work.resolve("data/tunnel-ca.pem"),
                "--metrics=127.0.0.1:0", "--protocol=" + protocol, "--ha-connections=" + connections, "run"));
        Process process = start(name, command, Map.of("TUNNEL_TOKEN", token, "MALLOC_ARENA_MAX", "2"));
        connectors.put(name, process);
        return process;
    }

    /** The connector that is started first for a protocol. */
    Process near(String protocol) {
        return connectors.get(protocol + "-1");
    }

    private List<String> jvm(String name, List<String> ofItsKind) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(ofItsKind);
        if (options.containsKey("jfr")) {
            command.add("-XX:StartFlightRecording:settings=profile,dumponexit=true,filename=" + Path.of(options.get("jfr"), name + ".jfr"));
        }
        if (options.containsKey("classpath")) {
            String libraries = Files.readString(Path.of(options.get("classpath"))).strip();
            command.addAll(List.of("-cp", "target/classes:" + libraries, "io.sallyport.Sallyport"));
        } else {
            command.addAll(List.of("-jar", "target/sallyport.jar"));
        }
        return command;
    }

    Process start(String name, List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve(name + ".out").toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        System.out.println(name + " is process " + process.pid() + ", its words are in " + work.resolve(name + ".out"));
        processes.add(process);
        return process;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(Duration.ofSeconds(20))) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
        work.resolve("bulk").toFile().delete();
    }

    private void application(String name) {
        api.post("/access/apps", """
                {"type":"self_hosted","name":"%1$s","domain":"%1$s.localhost",
                 "policies":[{"name":"%1$s","decision":"bypass","include":[{"everyone":{}}]}]}""".formatted(name));
    }

    private String tunnel(String name) {
        application(name);
        String id = first(api.post("/cfd_tunnel",
                "{\"name\":\"%s\",\"config_src\":\"cloudflare\"}".formatted(name)), "\"id\":\"([0-9a-f-]{36})\"");
        ids.put(name, id);
        serve(name, origin);
        return first(api.get("/cfd_tunnel/" + id + "/token"), "\"result\":\"([^\"]+)\"");
    }

    /** Lets a tunnel lead to another port of this machine. */
    void serve(String name, int to) {
        api.put("/cfd_tunnel/" + ids.get(name) + "/configurations", """
                {"config":{"ingress":[{"hostname":"%s.localhost","service":"http://127.0.0.1:%d"},{"service":"http_status:404"}]}}"""
                .formatted(name, to));
    }

    void awaitStatus(String path, String host, int status) {
        awaitStatus(port, path, host, status);
    }

    void awaitStatus(int at, String path, String host, int status) {
        await(() -> {
            int found = client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path)).header("Host", host).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (found != status) {
                throw new IOException(host + " answers " + found + ", not " + status);
            }
            return "";
        });
    }

    void awaitOutput(String name, String words) {
        await(() -> {
            if (!Files.readString(work.resolve(name + ".out")).contains(words)) {
                throw new IOException(name + " did not say " + words);
            }
            return "";
        });
    }

    interface Attempt {
        String run() throws IOException, InterruptedException;
    }

    String await(Attempt attempt) {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (true) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new UncheckedIOException("gave up; logs are in " + work, e);
                }
                try {
                    Thread.sleep(50);
                } catch (InterruptedException stopped) {
                    throw new IllegalStateException(stopped);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    int number(String option, int otherwise) {
        return Integer.parseInt(options.getOrDefault(option, Integer.toString(otherwise)));
    }

    static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in\n" + text);
        }
        return matcher.group(1);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
