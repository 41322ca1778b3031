package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.charset.StandardCharsets;
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
