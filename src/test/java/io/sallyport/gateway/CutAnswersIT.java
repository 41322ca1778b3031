package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RecordingOrigin;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A download that did not come to its end says so in the access log, whoever broke it off and whatever it came by. */
class CutAnswersIT {
    private static final int CANCEL = 8;
    private static final int TIMES = 10;
    private static final byte[] PIECE = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    private static final String DIRECT = "direct.localhost";

    /** How an answer comes from its origin. */
    enum Way {
        DIRECT(CutAnswersIT.DIRECT),
        TUNNEL_HTTP2("http2.localhost"),
        TUNNEL_QUIC("quic.localhost");

        private final String host;

        Way(String host) {
            this.host = host;
        }
    }

    /** The access log's lines by the path they are about. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final ConcurrentHashMap<String, JsonNode> byPath = new ConcurrentHashMap<>();

        @Override
        protected void append(ILoggingEvent event) {
            JsonNode line = JsonMapper.shared().readTree(event.getFormattedMessage());
            byPath.put(line.path("path").asString(""), line);
        }

        JsonNode of(String path) {
            return Objects.requireNonNull(await("the line of " + path)
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> byPath.get(path), Objects::nonNull));
        }
    }

    private static final Lines LINES = new Lines();
    /** What the server's own parts say of such a download: nothing, for each line would carry a stack trace. */
    private static final ListAppender<ILoggingEvent> ASIDE = new ListAppender<>();

    private static final List<String> SPEAKERS = List.of(
            "org.springframework.web.server.adapter.HttpWebHandlerAdapter",
            "reactor.netty.http.server.HttpServerOperations");
    private static final List<Connector> CONNECTORS = new ArrayList<>();
    private static TunnelledEdge gate;
    private static RecordingOrigin origin;
    private static int number;

    /** Given when the visitor has seen the beginning, so that an origin does not break off before. */
    private static final Semaphore SEEN = new Semaphore(0);

    @BeforeAll
    static void start(@TempDir Path files) {
        gate = TunnelledEdge.start(files);
        origin = RecordingOrigin.start();
        TunnelId http2 = new TunnelId(UUID.randomUUID());
        TunnelId quic = new TunnelId(UUID.randomUUID());
        gate.edge.application(DIRECT, Edge.bypass()).origin(DIRECT, origin);
        gate.grant(http2)
                .grant(quic)
                .host(Way.TUNNEL_HTTP2.host, http2)
                .host(Way.TUNNEL_QUIC.host, quic)
                .publish();
        String rules = "ingress: [{service: '" + origin.uri() + "'}]";
        CONNECTORS.add(gate.connect(http2, Protocol.HTTP2, 1, rules));
        CONNECTORS.add(gate.connect(quic, Protocol.QUIC, 1, rules));
        origin.answer(request -> request.target().startsWith("/endless"), (request, in, out) -> {
            begin(out);
            while (true) {
                out.write(PIECE);
            }
        });
        origin.answer(request -> request.target().startsWith("/torn"), (request, in, out) -> {
            begin(out);
            SEEN.acquireUninterruptibly();
            return false;
        });
        origin.answer(request -> request.target().startsWith("/whole"), (request, in, out) -> {
            begin(out);
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return false;
        });
        LINES.start();
        ((Logger) LoggerFactory.getLogger("io.sallyport.access")).addAppender(LINES);
        ASIDE.start();
        SPEAKERS.forEach(each -> ((Logger) LoggerFactory.getLogger(each)).addAppender(ASIDE));
    }

    private static void begin(OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.write(PIECE);
        out.flush();
    }

    @AfterAll
    static void stop() {
        ((Logger) LoggerFactory.getLogger("io.sallyport.access")).detachAppender(LINES);
        CONNECTORS.forEach(each -> each.stop(Duration.ZERO).join());
        origin.close();
        gate.close();
        SPEAKERS.forEach(each -> ((Logger) LoggerFactory.getLogger(each)).detachAppender(ASIDE));
        assertThat(ASIDE.list).isEmpty();
    }

    private static synchronized String path(String kind) {
        return "/" + kind + number++;
    }

    private static RawHttp get(String host, String path) {
        return RawHttp.connect(gate.edge.port()).send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void aVisitorWhoLeavesOverHttp1(Way way) {
        for (int i = 0; i < TIMES; i++) {
            String path = path("endless");
            try (RawHttp http = get(way.host, path)) {
                assertThat(http.head().status()).isEqualTo(200);
            }
            assertThat(LINES.of(path).path("failure").asString("")).as(path).isIn("client_gone", "aborted");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aVisitorWhoResetsAStreamOfHttp2(Way way) {
        try (RawHttp2 http = RawHttp2.connect(gate.edge.port())) {
            http.frame(
                    RawHttp2.WINDOW_UPDATE,
                    0,
                    0,
                    ByteBuffer.allocate(4).putInt(1 << 30).array());
            for (int i = 0; i < TIMES; i++) {
                int stream = 2 * i + 1;
                String path = path("endless");
                http.request(stream, true, RawHttp2.get(way.host, path));
                awaitData(http, stream);
                http.frame(
                        RawHttp2.RST_STREAM,
                        0,
                        stream,
                        ByteBuffer.allocate(4).putInt(CANCEL).array());
                assertThat(LINES.of(path).path("failure").asString("")).as(path).isIn("client_gone", "aborted");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatBreaksOffOverHttp1(Way way) {
        for (int i = 0; i < TIMES; i++) {
            String path = path("torn");
            try (RawHttp http = get(way.host, path)) {
                assertThat(http.head().status()).isEqualTo(200);
                SEEN.release();
                assertThat(new String(http.readToEnd(), StandardCharsets.US_ASCII))
                        .as("no end that looks like one")
                        .doesNotEndWith("0\r\n\r\n");
            }
            assertThat(LINES.of(path).path("failure").asString("")).as(path).isEqualTo("aborted");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOriginThatBreaksOffOverHttp2(Way way) {
        try (RawHttp2 http = RawHttp2.connect(gate.edge.port())) {
            for (int i = 0; i < TIMES; i++) {
                int stream = 2 * i + 1;
                String path = path("torn");
                http.request(stream, true, RawHttp2.get(way.host, path));
                awaitData(http, stream);
                SEEN.release();
                assertThat(LINES.of(path).path("failure").asString("")).as(path).isEqualTo("aborted");
            }
        }
    }

    @Test
    void whatCameToItsEndSaysNothing() {
        for (Way way : Way.values()) {
            String path = path("whole");
            try (RawHttp http = get(way.host, path)) {
                assertThat(http.response().status()).isEqualTo(200);
            }
            assertThat(LINES.of(path).has("failure")).as(path).isFalse();
        }
    }

    private static void awaitData(RawHttp2 http, int stream) {
        RawHttp2.Frame frame = http.next();
        while (frame != null && !(frame.type() == RawHttp2.DATA && frame.stream() == stream)) {
            frame = http.next();
        }
        assertThat(frame).as("data of the answer").isNotNull();
    }
}
