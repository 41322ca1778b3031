package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp.Response;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a visitor sees whose connection is kept alive while the gateway stops. */
class SendOffIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "app.localhost";

    @ParameterizedTest
    @EnumSource
    void whoAsksAgainAndAgainGetsALastAnswerBeforeTheTunnelsEnd(Protocol protocol, @TempDir Path files)
            throws Exception {
        try (RecordingOrigin origin = RecordingOrigin.start();
                TunnelledEdge gate = TunnelledEdge.start(files)) {
            gate.grant(TUNNEL).host(HOST, TUNNEL).publish();
            Connector connector = gate.connect(TUNNEL, protocol, 2, "ingress: [{service: '" + origin.uri() + "'}]");
            try (RawHttp visitor = RawHttp.connect(gate.edge.port());
                    RawHttp idle = RawHttp.connect(gate.edge.port())) {
                assertThat(ask(idle)).isNotNull();
                AtomicReference<Response> last = new AtomicReference<>();
                List<Response> answers = new CopyOnWriteArrayList<>();
                Thread asking = Thread.ofVirtual().start(() -> {
                    Response answer = ask(visitor);
                    while (answer != null && answer.first("connection") == null) {
                        answers.add(answer);
                        answer = ask(visitor);
                    }
                    last.set(answer);
                });
                await().until(() -> answers.size() > 20);
                gate.edge.close();
                assertThat(asking.join(Duration.ofSeconds(30))).as("told to go").isTrue();
                assertThat(answers).allSatisfy(each -> assertThat(each.status()).isEqualTo(200));
                if (last.get() != null) { // else it was closed behind an answer that had begun before
                    assertThat(last.get().status()).isEqualTo(200);
                    assertThat(last.get().first("connection")).isEqualTo("close");
                }
                assertThat(visitor.isClosedByPeer()).isTrue();
                assertThat(idle.isClosedByPeer()).isTrue();
            } finally {
                connector.stop(Duration.ZERO).join();
            }
        }
    }

    /** Null when the connection is closed without an answer. */
    private static @Nullable Response ask(RawHttp visitor) {
        return visitor.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n").tryResponse();
    }
}
