package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.KeptKeys;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenTelemetry by the usual environment variable: spans arrive at a collector that speaks OTLP over HTTP. */
class TelemetryIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final Pattern LISTENS = Pattern.compile("Netty started on port ([0-9]+)");

    @TempDir
    private Path data;

    private final TestPostgres postgres = TestPostgres.migrated();

    @AfterEach
    void dropTheDatabase() {
        postgres.close();
    }

    @Test
    void spansOfSampledRequestsArriveWhereTheEnvironmentSays() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        Process gateway = gateway("http://127.0.0.1:" + collector.getAddress().getPort());
        try {
            int port = port(gateway);
            String traceId = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
            RawHttp.Response answer = RawHttp.exchange(
                    port,
                    "GET /cdn-cgi/access/certs HTTP/1.1\r\nHost: auth.localhost\r\ntraceparent: 00-" + TRACE
                            + "-b7ad6b7169203331-01\r\n\r\n");
            assertThat(answer.status()).isEqualTo(200);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> received.stream().anyMatch(body -> body.contains(traceId)));
            assertThat(received).anyMatch(body -> body.contains("sallyport"));
        } finally {
            gateway.destroy();
            assertThat(gateway.waitFor(60, TimeUnit.SECONDS)).as("ends cleanly").isTrue();
            collector.stop(0);
        }
    }

    private Process gateway(String endpoint) throws IOException {
        KeptKeys.lend(postgres, data.resolve("master-key"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Sallyport.class.getName(),
                "gateway",
                "--sallyport.http.port=0",
                "--sallyport.management.port=0",
                "--sallyport.tunnel.enabled=false",
                "--server.address=127.0.0.1",
                "--server.shutdown=immediate",
                "--sallyport.data-dir=" + data));
        postgres.settings().forEach((key, value) -> command.add("--" + key + "=" + value));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SALLYPORT_ADMIN_TOKEN", TestServer.ADMIN_TOKEN);
        builder.environment().put("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        return builder.start();
    }

    /** The public port, which is the first one; what else it says is read, so that it never waits for us. */
    private static int port(Process gateway) throws IOException {
        BufferedReader output = gateway.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.append(line).append('\n');
            Matcher listens = LISTENS.matcher(line);
            if (listens.find()) {
                Thread.ofVirtual().start(() -> drain(output));
                return Integer.parseInt(listens.group(1));
            }
        }
        throw new AssertionError("the gateway ended: " + said);
    }

    private static void drain(BufferedReader output) {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException ended) {
            return; // the gateway is gone, and its output with it
        }
    }
}
