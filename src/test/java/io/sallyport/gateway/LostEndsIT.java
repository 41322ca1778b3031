package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.LongWay;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers without a length whose end, a FIN without data, is lost on the way from the connector. The QUIC library forgets a stream
 * whose data is acknowledged, and does not send its FIN again (quiche issue 2525), unless there is data with it.
 */
class LostEndsIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "app.localhost";
    private static final Duration ONE_WAY = Duration.ofMillis(20);
    private static final double LOST = 0.1;
    private static final int VISITORS = 10;
    private static final int ANSWERS = 8;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /events HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n",
                "POST /events HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 4\r\n\r\nbody",
                "POST /events HTTP/1.1\r\nHost: " + HOST
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
            })
    void anAnswerEndsThoughItsEndIsLost(String request, @TempDir Path files) throws Exception {
        try (RecordingOrigin origin = RecordingOrigin.start();
                TunnelledEdge gate = TunnelledEdge.start(files);
                LongWay way = new LongWay(gate.connectorPort(), ONE_WAY);
                ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
            origin.answer(asked -> asked.target().equals("/events"), (asked, in, out) -> {
                for (String piece : List.of(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "9\r\ndata: 1\n\n\r\n", "0\r\n\r\n")) {
                    out.write(piece.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    Thread.yield();
                }
                return true;
            });
            gate.grant(TUNNEL).host(HOST, TUNNEL).publish();
            Connector connector =
                    gate.connect(way.port(), TUNNEL, Protocol.QUIC, 1, "ingress: [{service: '" + origin.uri() + "'}]");
            try {
                way.lose(LOST);
                for (Future<Integer> visitor : IntStream.range(0, VISITORS)
                        .mapToObj(each -> visitors.submit(() -> ask(gate.edge.port(), request)))
                        .toList()) {
                    assertThat(visitor.get()).isEqualTo(ANSWERS);
                }
            } finally {
                way.lose(0);
                connector.stop(Duration.ZERO).join();
            }
        }
    }

    /** How many answers end. */
    private static int ask(int port, String request) {
        int whole = 0;
        try (RawHttp visitor = RawHttp.connect(port)) {
            for (int i = 0; i < ANSWERS; i++) {
                visitor.send(request);
                whole += visitor.response().text().equals("data: 1\n\n") ? 1 : 0;
            }
        }
        return whole;
    }
}
