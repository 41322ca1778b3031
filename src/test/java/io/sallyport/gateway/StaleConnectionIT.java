package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** an origin closes pooled connections just as they are taken. */
class StaleConnectionIT {
    private Edge edge;
    private RecordingOrigin origin;

    @BeforeEach
    void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start()
                .origin("wiki.localhost", origin)
                .application("wiki.localhost", Edge.bypass())
                .publish();
    }

    @AfterEach
    void stop() {
        edge.close();
        origin.close();
    }

    @Test
    void r51GetOverAConnectionThatTheOriginJustClosedIsSentAgainOverANewOne() {
        closeTheConnectionAtTheFirstSecondRequest();

        assertThat(ask("GET /first").status()).isEqualTo(200);
        assertThat(ask("GET /second").status()).isEqualTo(200);

        assertThat(targets()).containsExactly("/first", "/second", "/second");
        assertThat(origin.connections()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void r51PostIsNeverSentTwiceBecauseTheOriginMayHaveActedOnIt() {
        closeTheConnectionAtTheFirstSecondRequest();

        assertThat(ask("GET /first").status()).isEqualTo(200);
        assertThat(ask("POST /second").status()).isEqualTo(502);

        assertThat(targets()).containsExactly("/first", "/second");
    }

    @Test
    void r51GetWhoseSecondConnectionIsClosedTooIsAnswered502() {
        origin.answer(request -> true, (request, in, out) -> false);

        assertThat(ask("GET /never").status()).isEqualTo(502);

        assertThat(targets()).containsExactly("/never", "/never");
    }

    @Test
    void r51PostWhoseConnectionIsResetInTheHandshakeIsSentOverANewOneBecauseNothingOfItHadLeft() throws IOException {
        TestAuthority authority = new TestAuthority("Test CA");
        try (RecordingOrigin secure =
                        RecordingOrigin.start(authority.issue("127.0.0.1").server());
                ServerSocket front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> resetTheFirstAndPassOnTheSecond(front, secure));
            edge.origin(
                            "wiki.localhost",
                            new Upstream.Direct(
                                    URI.create("https://127.0.0.1:" + front.getLocalPort()),
                                    null,
                                    Duration.ofSeconds(2),
                                    false,
                                    null,
                                    authority.pem(),
                                    false))
                    .publish();

            RawHttp.Response answer = RawHttp.exchange(
                    edge.port(), "POST /once HTTP/1.1\r\nHost: wiki.localhost\r\nContent-Length: 4\r\n\r\nbody");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(secure.drain()).singleElement().satisfies(request -> {
                assertThat(request.target()).isEqualTo("/once");
                assertThat(request.text()).isEqualTo("body");
            });
        }
    }

    private static void resetTheFirstAndPassOnTheSecond(ServerSocket front, RecordingOrigin behind) {
        try {
            try (Socket first = front.accept()) {
                first.getInputStream().read(); // the handshake has begun
                first.setSoLinger(true, 0); // closing sends a reset
            }
            try (Socket second = front.accept();
                    Socket origin = new Socket(
                            InetAddress.getLoopbackAddress(), behind.uri().getPort())) {
                Thread.ofVirtual().start(() -> pass(second, origin));
                pass(origin, second);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException over) {
            return; // the other end has closed
        }
    }

    private void closeTheConnectionAtTheFirstSecondRequest() {
        AtomicBoolean closed = new AtomicBoolean();
        origin.answer(request -> request.target().equals("/second"), (request, in, out) -> {
            if (closed.compareAndSet(false, true)) {
                return false;
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
    }

    private RawHttp.Response ask(String line) {
        return RawHttp.exchange(
                edge.port(),
                line + " HTTP/1.1\r\nHost: wiki.localhost\r\n"
                        + (line.startsWith("POST") ? "Content-Length: 0\r\n" : "") + "\r\n");
    }

    private List<String> targets() {
        return origin.drain().stream().map(RecordingOrigin.Recorded::target).toList();
    }
}
