package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.ChildGateway;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestPostgres;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenTelemetry by the usual environment variable: spans arrive at a collector that speaks OTLP over HTTP. */
class TelemetryIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

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
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        try (ChildGateway gateway = new ChildGateway.Start(Sallyport.class)
                .environment("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
                .environment("MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_SCHEDULEDELAY", "100ms")
                .on(postgres, data)) {
            String traceId = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
            RawHttp.Response answer = RawHttp.exchange(
                    gateway.port(),
                    "GET /cdn-cgi/access/certs HTTP/1.1\r\nHost: auth.localhost\r\ntraceparent: 00-" + TRACE
                            + "-b7ad6b7169203331-01\r\n\r\n");
            assertThat(answer.status()).isEqualTo(200);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> received.stream().anyMatch(body -> body.contains(traceId)));
            assertThat(received).anyMatch(body -> body.contains("sallyport"));
        } finally {
            collector.stop(0);
        }
    }
}
