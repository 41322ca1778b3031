package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Answers without a length, whose end comes alone and a while after the last data: over QUIC as a FIN without data, which the library
 * may forget. {@code BareEndIT} has it forgotten each time; here three of a hundred visitors waited for ever on a busy machine, and
 * none on an idle one.
 */
class StreamedEndsIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "app.localhost";
    private static final int VISITORS = 20;
    private static final int ANSWERS = 15;

    @ParameterizedTest
    @EnumSource
    void everyStreamedAnswerEnds(Protocol protocol, @TempDir Path files) throws Exception {
        try (RecordingOrigin origin = RecordingOrigin.start();
                TunnelledEdge gate = TunnelledEdge.start(files);
                ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
            origin.answer(request -> request.target().equals("/events"), (request, in, out) -> {
                out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                out.write("9\r\ndata: 1\n\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                Thread.yield();
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                return true;
            });
            gate.grant(TUNNEL).host(HOST, TUNNEL).publish();
            Connector connector = gate.connect(TUNNEL, protocol, 2, "ingress: [{service: '" + origin.uri() + "'}]");
            try {
                for (Future<Integer> visitor : IntStream.range(0, VISITORS)
                        .mapToObj(each -> visitors.submit(() -> ask(gate.edge.port())))
                        .toList()) {
                    assertThat(visitor.get()).isEqualTo(ANSWERS);
                }
            } finally {
                connector.stop(Duration.ZERO).join();
            }
        }
    }

    /** How many answers end. */
    private static int ask(int port) {
        int whole = 0;
        try (RawHttp visitor = RawHttp.connect(port)) {
            for (int i = 0; i < ANSWERS; i++) {
                visitor.send("GET /events HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
                whole += visitor.response().text().equals("data: 1\n\n") ? 1 : 0;
            }
        }
        return whole;
    }
}
