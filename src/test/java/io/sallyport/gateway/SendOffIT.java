package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp.Response;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RawHttp2.Outcome;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What visitors see whose connections are kept alive while the gateway stops. */
class SendOffIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "app.localhost";
    private static final int SOME = 20;

    @ParameterizedTest
    @EnumSource
    void whoAsksAgainAndAgainGetsALastAnswerBeforeTheTunnelsEnd(Protocol protocol, @TempDir Path files)
            throws InterruptedException {
        try (RecordingOrigin origin = RecordingOrigin.start();
                TunnelledEdge gate = TunnelledEdge.start(files)) {
            origin.answer(request -> request.target().equals("/endless"), (request, in, out) -> {
                out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                return in.read() >= 0;
            });
            gate.grant(TUNNEL).host(HOST, TUNNEL).publish();
            Connector connector = gate.connect(TUNNEL, protocol, 2, "ingress: [{service: '" + origin.uri() + "'}]");
            int port = gate.edge.port();
            // A download during which the tunnels would be ending for a while, and take nothing more.
            try (RawHttp download = RawHttp.connect(port);
                    Visitor http1 = new OverHttp1(port);
                    Visitor http2 = new OverHttp2(port);
                    Visitor idle1 = new OverHttp1(port);
                    Visitor idle2 = new OverHttp2(port)) {
                download.send("GET /endless HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
                assertThat(download.head().status()).isEqualTo(200);
                assertThat(idle1.asks() && idle2.asks()).isTrue();
                List<Thread> asking = Stream.of(http1, http2)
                        .map(each -> Thread.ofVirtual().start(each::askOnAndOn))
                        .toList();
                await().until(() -> http1.statuses.size() > SOME && http2.statuses.size() > SOME);
                gate.edge.close();
                for (Thread each : asking) {
                    assertThat(each.join(Duration.ofSeconds(30)))
                            .as("told to go")
                            .isTrue();
                }
                for (Visitor each : List.of(http1, http2, idle1, idle2)) {
                    assertThat(each.statuses).containsOnly(200);
                    assertThat(each.isClosedByPeer()).isTrue();
                }
                assertThat(http1.isTold()).isTrue();
                assertThat(http2.isTold() && idle2.isTold()).isTrue();
            } finally {
                connector.stop(Duration.ZERO).join();
            }
        }
    }

    /** Somebody with a connection that is kept alive. */
    private abstract static class Visitor implements AutoCloseable {
        /** Of the answers; 0 for one that was owed and did not come. */
        final List<Integer> statuses = new CopyOnWriteArrayList<>();

        /** Asks for something more; false when the gateway answers no more here. */
        abstract boolean asks();

        /** Whether the gateway has said that it answers no more. */
        abstract boolean isTold();

        abstract boolean isClosedByPeer();

        void askOnAndOn() {
            boolean isGoingOn = true;
            while (isGoingOn) {
                isGoingOn = asks();
            }
        }

        @Override
        public abstract void close();
    }

    private static final class OverHttp1 extends Visitor {
        private final RawHttp connection;
        private boolean isTold;

        OverHttp1(int port) {
            connection = RawHttp.connect(port);
        }

        @Override
        boolean asks() {
            Response answer = connection
                    .send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n")
                    .tryResponse();
            if (answer == null) {
                return false;
            }
            statuses.add(answer.status());
            isTold = "close".equals(answer.first("connection"));
            return !isTold;
        }

        @Override
        boolean isTold() {
            return isTold;
        }

        @Override
        boolean isClosedByPeer() {
            return connection.isClosedByPeer();
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    private static final class OverHttp2 extends Visitor {
        private final RawHttp2 connection;
        private int stream = 1;

        OverHttp2(int port) {
            connection = RawHttp2.connect(port);
        }

        @Override
        boolean asks() {
            Outcome outcome =
                    connection.request(stream, true, RawHttp2.get(HOST, "/")).outcome(stream);
            if (outcome instanceof Outcome.Answered answer) {
                statuses.add(answer.status());
            } else if (stream <= connection.lastTaken()) {
                statuses.add(0);
            }
            stream += 2;
            return outcome instanceof Outcome.Answered && stream <= connection.lastTaken();
        }

        @Override
        boolean isTold() {
            return connection.lastTaken() < stream;
        }

        @Override
        boolean isClosedByPeer() {
            while (connection.next() != null) {
                // what it says before
            }
            return true;
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
