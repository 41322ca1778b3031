package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.RegistrationResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator sees of a running connector, and does to it: status, changed files, flags of the process. */
class RunningIT {
    @TempDir
    private Path directory;

    private final TestAuthority authority = new TestAuthority("edge");
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final ConnectorLog log = new ConnectorLog(
            new PrintStream(logged, true, StandardCharsets.UTF_8), ConnectorLog.Level.INFO, InstantSource.system());
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Path ca;
    private Path file;
    private TestEdge edge;
    private RecordingOrigin origin;

    @BeforeEach
    void start() throws Exception {
        ca = Files.writeString(directory.resolve("ca.pem"), authority.pem());
        file = directory.resolve("config.yml");
        edge = TestEdge.start(authority);
        edge.registrar = call -> new RegistrationResult.Registered(UUID.randomUUID(), "TEST", false);
        origin = RecordingOrigin.start();
        open.add(edge);
        open.add(origin);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        client.close();
    }

    @Test
    void itsStatusTellsProbesAndPeopleHowItIs() throws Exception {
        Connector connector = connector("ingress: [{service: http_status:204}]");
        StatusServer status = StatusServer.start(connector, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open.add(status);
        String at = "http://127.0.0.1:" + status.address().getPort();
        assertThat(get(at + "/ready").statusCode()).isEqualTo(503);
        assertThat(get(at + "/healthcheck").body()).isEqualTo("OK\n");
        connector.start();
        TestEdge.Link link = edge.link();
        await().until(() -> get(at + "/ready").statusCode() == 200);
        assertThat(get(at + "/ready").body())
                .isEqualTo("{\"status\":200,\"readyConnections\":1,\"connectorId\":\"" + connector.id() + "\"}");
        link.get("/").body();
        // Counted when the request has ended on this side, too.
        await().untilAsserted(() -> assertThat(get(at + "/metrics").body())
                .contains(
                        "cloudflared_tunnel_total_requests 1\n",
                        "cloudflared_tunnel_ha_connections 1\n",
                        "cloudflared_tunnel_response_by_code{status_code=\"204\"} 1\n",
                        "cloudflared_orchestration_config_version -1\n"));
        assertThat(get(at + "/config").body()).contains("\"version\":-1", "http_status:204");
        assertThat(get(at + "/quicktunnel").body()).isEqualTo("{\"hostname\":\"\"}");
        assertThat(get(at + "/diag/tunnel").body())
                .contains(connector.tunnelId().toString(), "\"isConnected\":true", "\"edgeAddress\":\"127.0.0.1\"");
        assertThat(get(at + "/nothing").statusCode()).isEqualTo(404);
        assertThat(status.address().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void do01_do04_itsStatusWaitsForNobodyAndForFewAtOnce() throws Exception {
        Connector connector = connector("ingress: [{service: http_status:204}]");
        StatusServer status = StatusServer.start(connector, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open.add(status);
        int port = status.address().getPort();
        try (RawHttp dripping = RawHttp.connect(port).send("GET /ready HTTP/1.1\r\nX-Slow: ");
                RawHttp silent = RawHttp.connect(port)) {
            try (ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor()) {
                drip.scheduleAtFixedRate(() -> dripping.send("a"), 300, 300, TimeUnit.MILLISECONDS);
                assertThat(dripping.isClosedByPeer() || dripping.isClosedByPeer())
                        .as("one that drips")
                        .isTrue();
                drip.shutdownNow();
            }
            assertThat(silent.isClosedByPeer()).isTrue();
        }
        List<RawHttp> hoard = new ArrayList<>();
        try {
            for (int i = 0; i < StatusServer.MOST; i++) {
                hoard.add(RawHttp.connect(port));
            }
            try (RawHttp oneMore = RawHttp.connect(port)) {
                assertThat(oneMore.isClosedByPeer()).as("one too many").isTrue();
            }
        } finally {
            hoard.forEach(RawHttp::close);
        }
        await().ignoreExceptions()
                .until(() -> get("http://127.0.0.1:" + port + "/healthcheck").statusCode() == 200);
        RawHttp.Response body =
                RawHttp.exchange(port, "POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /");
        assertThat(body.status()).isEqualTo(405);
    }

    @Test
    void tu10WithoutAnAddressItListensOnLoopbackAndTwoOfThemDoNotMeet() throws Exception {
        Connector connector = connector("ingress: [{service: http_status:204}]");
        StatusServer one = StatusServer.start(connector);
        StatusServer two = StatusServer.start(connector);
        open.add(one);
        open.add(two);
        assertThat(one.address().getAddress().isLoopbackAddress()).isTrue();
        assertThat(two.address().getPort()).isNotEqualTo(one.address().getPort());
    }

    @Test
    void aChangedFileRunsWithoutBreakingStreamsAndABadOneChangesNothing() throws Exception {
        CountDownLatch changed = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/long"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nbefore".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            try {
                changed.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write(" after".getBytes(StandardCharsets.US_ASCII));
            return false;
        });
        Connector connector = connector("ingress: [{service: '" + origin.uri() + "'}]");
        connector.start();
        TestEdge.Link link = edge.link();
        open.add(new ConfigWatch(
                ConnectorFile.read(file),
                connector,
                now -> Configuration.local(now.ingress(), now, Map.of()),
                log,
                Duration.ofMillis(50)));
        EdgeStream stream = link.get("/long");
        stream.read(6);

        change("ingress: [{service: http_status:410}]");
        await().until(() -> link.get("/").head().status() == 410);

        change("ingress: [{service: nonsense}]");
        await().until(() -> logged().contains("nonsense is an invalid address"));
        assertThat(link.get("/").head().status()).isEqualTo(410);

        change("ingress: [");
        await().until(() -> logged().contains("error parsing YAML"));
        assertThat(link.get("/").head().status()).isEqualTo(410);

        Path pool = directory.resolve("pool.pem");
        change("ingress: [{service: 'https://127.0.0.1:1', originRequest: {caPool: " + pool + "}}]");
        await().until(() -> logged().contains("cannot read the certificates in " + pool));
        assertThat(link.get("/").head().status()).isEqualTo(410);
        // The file itself was right: it runs as soon as what it names is there.
        Files.writeString(pool, authority.pem());
        await().until(() -> link.get("/").head().status() == 502);

        Files.delete(file);
        await().until(() -> logged().contains("cannot read the config file"));
        change("ingress: [{service: http_status:418}]");
        await().until(() -> link.get("/").head().status() == 418);
        assertThat(logged().lines().filter(line -> line.contains("the old rules stay in use")))
                .hasSize(4);

        changed.countDown();
        assertThat(stream.text()).isEqualTo(" after");
    }

    /** An editor may be half-way through the file, and half of it may be a whole one that demands less. */
    @Test
    void aFileThatIsStillBeingWrittenIsNotRun() throws Exception {
        String rules = "ingress: [{service: http_status:418}]\n";
        String access = "originRequest: {access: {required: true, issuer: 'https://auth.example.com', audTag: [x]}}\n";
        Connector connector = connector("ingress: [{service: http_status:410}]\n" + access);
        ConfigWatch watch = new ConfigWatch(
                ConnectorFile.read(file),
                connector,
                now -> Configuration.local(now.ingress(), now, Map.of()),
                log,
                Duration.ofDays(1));
        open.add(watch);

        change(rules);
        watch.look();
        change(rules + access);
        watch.look();
        assertThat(connector.configuration().ingress().show(0)).contains("410");
        watch.look();

        assertThat(connector.configuration().ingress().show(0)).contains("418");
        assertThat(connector
                        .configuration()
                        .ingress()
                        .rules()
                        .getFirst()
                        .settings()
                        .access()
                        .required())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void theProcessDoesWhatItsFlagsSay(Protocol protocol) throws Exception {
        Files.writeString(file, "ingress: [{service: http_status:204}]\n");
        Path output = directory.resolve("output");
        Path pid = directory.resolve("pid");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.sallyport.Sallyport",
                "tunnel",
                "--config=" + file,
                "--edge=" + edge.address(),
                "--edge-bind-address=127.0.0.3",
                "--cacert=" + ca,
                "--metrics=127.0.0.1:0",
                "--transport-loglevel=debug",
                "--pidfile=" + pid,
                "--ha-connections=1",
                "--protocol=" + protocol.word(),
                "run");
        builder.environment().put("TUNNEL_TOKEN", ConnectorIT.CREDENTIALS.token());
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        open.add(process::destroyForcibly);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Files.readString(output)).contains("Registered tunnel connection"));
        TestEdge.Link link = edge.link();
        assertThat(link.remoteAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.3"));
        assertThat(link.get("/").head().status()).isEqualTo(204);
        await().until(() -> Files.exists(pid) && Files.readString(pid).equals(Long.toString(process.pid())));
        Matcher metrics = Pattern.compile("Starting metrics server on (127\\.0\\.0\\.1:\\d+)")
                .matcher(Files.readString(output));
        assertThat(metrics.find()).isTrue();
        assertThat(get("http://" + metrics.group(1) + "/ready").statusCode()).isEqualTo(200);
        assertThat(Files.readString(output)).contains(" DBG ", " from=").doesNotContain("ERR");

        Files.writeString(file, "ingress: [{service: http_status:410}]\n");
        await().until(() -> link.get("/").head().status() == 410);

        process.destroy();
        link.unregistered.orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output))
                .contains("Initiating graceful shutdown", "Unregistered tunnel connection")
                .doesNotContain("is in the arguments");
        assertThat(process.exitValue())
                .as("told to stop, it stopped: no failure")
                .isZero();
    }

    @Test
    void whatTheStarterWaitsForWhenItTrainsTheClassCacheIsLogged() throws Exception {
        Matcher sign = Pattern.compile("until grep -qs '([^']+)'")
                .matcher(Files.readString(Path.of("src/main/bin/sallyport")));
        assertThat(sign.find()).isTrue();
        try (ClosedPort nobody = ClosedPort.take()) {
            Connector connector = new Connector(
                    ConnectorIT.settings(
                            "127.0.0.1:" + nobody.number(), ca, null, Optional.empty(), OriginProxies.NONE),
                    Configuration.local(Ingress.NONE, ConnectorFile.parse(file, ""), Map.of()),
                    log,
                    InstantSource.system());
            open.add(() -> connector.stop(Duration.ZERO).join());
            connector.start();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(logged()).contains(sign.group(1)));
        }
    }

    @Test
    void aProcessThatCannotListenWhereItIsToldFails() throws Exception {
        Path output = directory.resolve("output");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.sallyport.Sallyport",
                    "tunnel",
                    "--edge=" + edge.address(),
                    "--metrics=127.0.0.1:" + taken.getLocalPort(),
                    "run");
            builder.environment().put("TUNNEL_TOKEN", ConnectorIT.CREDENTIALS.token());
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            open.add(process::destroyForcibly);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
        }
        assertThat(Files.readString(output))
                .contains("something else listens there already")
                .doesNotContain("Initiating graceful shutdown");
    }

    private Connector connector(String yaml) throws IOException {
        Files.writeString(file, yaml);
        ConnectorFile first = ConnectorFile.read(file);
        Connector connector = new Connector(
                ConnectorIT.settings(edge.address(), ca, Protocol.HTTP2, Optional.empty(), OriginProxies.NONE),
                Configuration.local(first.ingress(), first, Map.of()),
                log,
                InstantSource.system());
        open.add(() -> connector.stop(Duration.ZERO).join());
        return connector;
    }

    /** As editors and Kubernetes do it. */
    private void change(String yaml) throws IOException {
        Path next = Files.writeString(directory.resolve("next.yml"), yaml);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private String logged() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
