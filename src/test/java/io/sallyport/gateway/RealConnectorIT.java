package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.Heap;
import io.sallyport.testkit.RecordingOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From a visitor through the gate, the tunnel and our own connector to an origin, over both transports. */
class RealConnectorIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "app.localhost";
    private static final String JUMP = "jump.localhost";

    private static TunnelledEdge gate;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start(@TempDir Path files) {
        gate = TunnelledEdge.start(files);
        origin = RecordingOrigin.start();
        gate.grant(TUNNEL).host(HOST, TUNNEL).host(JUMP, TUNNEL).publish();
    }

    @AfterEach
    void leftovers() {
        origin.drain();
    }

    @AfterAll
    static void stop() {
        origin.close();
        gate.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatVisitorsDoReachesTheOriginAndComesBack(Protocol protocol) throws Exception {
        Connector connector = connect(protocol);
        try {
            assertThat(send("GET", "/a?b=c", "", new byte[0])).contains("200", "origin got GET /a?b=c");
            assertThat(origin.take().only("host")).startsWith(HOST);
            assertThat(send("HEAD", "/", "", new byte[0])).contains("200").doesNotContain("origin got");
            assertThat(origin.take().method()).isEqualTo("HEAD");
            assertThat(send("POST", "/form", "Content-Length: 5\r\n", "hello".getBytes(StandardCharsets.US_ASCII)))
                    .contains("with 5 bytes");
            assertThat(origin.take().text()).isEqualTo("hello");
            assertThat(send(
                            "POST",
                            "/chunks",
                            "Transfer-Encoding: chunked\r\n",
                            "5\r\nhello\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                    .contains("with 5 bytes");
            assertThat(origin.take().text()).isEqualTo("hello");
            origin.answerRaw("/same", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
            assertThat(send("GET", "/same", "", new byte[0])).contains("304");
            origin.take();
            origin.answerRaw(
                    "/cookies", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
            assertThat(send("GET", "/cookies", "", new byte[0])).contains("a=1", "b=2");
            origin.take();
            byte[] large = new byte[4 << 20];
            new Random(1).nextBytes(large);
            assertThat(send("PUT", "/large", "Content-Length: " + large.length + "\r\n", large))
                    .contains("with " + large.length + " bytes");
            assertThat(Arrays.equals(origin.take().body(), large)).isTrue();
            aWebSocketIsARawPipe();
            aBastionConnectsWhereTheVisitorSays();
            aCancelReachesTheOrigin();
        } finally {
            gate.disconnect(connector, TUNNEL);
        }
    }

    private static void aWebSocketIsARawPipe() throws IOException {
        origin.answer(request -> request.target().equals("/socket"), (request, in, out) -> {
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // As a server may speak: its frames are not masked.
            byte[] frame = in.readNBytes(8);
            out.write(new byte[] {(byte) 0x81, 2, (byte) (frame[6] ^ 1), (byte) (frame[7] ^ 2)});
            out.flush();
            return in.read() >= 0;
        });
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
            socket.setSoTimeout(30_000);
            write(
                    socket,
                    "GET /socket HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 101");
            byte[] frame = {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2};
            socket.getOutputStream().write(frame);
            assertThat(socket.getInputStream().readNBytes(4)).isEqualTo(new byte[] {(byte) 0x81, 2, 'h', 'i'});
        }
        origin.take();
    }

    /** What {@code access tcp --destination} does; on any other request the field stays at the gate (HH-01). */
    private static void aBastionConnectsWhereTheVisitorSays() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket visitor = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
            server.setSoTimeout(30_000);
            visitor.setSoTimeout(30_000);
            write(
                    visitor,
                    "GET / HTTP/1.1\r\nHost: " + JUMP + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            + "Cf-Access-Jump-Destination: 127.0.0.1:" + server.getLocalPort() + "\r\n\r\n");
            assertThat(head(visitor.getInputStream())).startsWith("HTTP/1.1 101");
            try (Socket behind = server.accept()) {
                behind.setSoTimeout(30_000);
                visitor.getOutputStream().write(new byte[] {(byte) 0x82, (byte) 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2});
                assertThat(behind.getInputStream().readNBytes(2)).asString().isEqualTo("hi");
            }
        }
        String field = "Cf-Access-Jump-Destination: 127.0.0.1:1\r\n";
        assertThat(send("GET", "/no-socket", field, new byte[0])).contains("200");
        assertThat(origin.take().all("cf-access-jump-destination")).isEmpty();
    }

    private static void aCancelReachesTheOrigin() throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/forever"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            if (in.read() < 0) {
                noticed.countDown();
            }
            return false;
        });
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
            socket.setSoTimeout(30_000);
            write(socket, "GET /forever HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
            socket.getInputStream().readNBytes(5);
        }
        assertThat(noticed.await(30, TimeUnit.SECONDS)).isTrue();
        origin.take();
    }

    /** A connection between gate and connector lives for months; whoever presses Stop must not cost it anything. */
    @ParameterizedTest
    @EnumSource
    void visitorsWhoLeaveLeaveNothingBehind(Protocol protocol) throws Exception {
        origin.answer(request -> request.target().equals("/silent"), (request, in, out) -> in.read() >= 0);
        origin.answer(request -> request.target().equals("/endless"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            while (true) {
                out.write(chunk);
            }
        });
        Connector connector = connect(protocol);
        try {
            Map<String, Long> before = streams(); // other classes' connections may live in this process, too
            for (int i = 0; i < 30; i++) {
                leave("GET /silent HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n", false);
                leave("POST /silent HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 4\r\n\r\nform", false);
                leave("POST /endless HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 3\r\n\r\nall", true);
                leave("GET /endless HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n", true);
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(streams())
                            .allSatisfy((type, left) ->
                                    assertThat(left).as(type).isLessThan(before.getOrDefault(type, 0L) + 15)));
            assertThat(send("GET", "/still", "", new byte[0])).contains("200");
        } finally {
            gate.disconnect(connector, TUNNEL);
        }
    }

    /** What a request over a tunnel needs, at either end, and how many there are. */
    private static Map<String, Long> streams() {
        return Heap.count(List.of(
                "io.sallyport.connector.Exchange",
                "io.sallyport.tunnel.QuicStreamCodec",
                "io.sallyport.tunnel.Http2StreamCodec",
                "io.netty.handler.codec.quic.QuicheQuicStreamChannel"));
    }

    /** Asks, and hangs up once the origin has the request or the answer has begun. */
    private static void leave(String request, boolean onceAnswered) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
            socket.setSoTimeout(30_000);
            write(socket, request);
            if (onceAnswered) {
                assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
            } else {
                origin.take();
            }
        }
        if (onceAnswered) {
            origin.take();
        }
    }

    private static Connector connect(Protocol protocol) {
        return gate.connect(
                TUNNEL,
                protocol,
                2,
                "ingress: [{hostname: " + JUMP + ", service: bastion}, {service: '" + origin.uri() + "'}]");
    }

    private static String send(String method, String path, String headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
            socket.setSoTimeout(30_000);
            write(
                    socket,
                    method + " " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n" + headers
                            + "\r\n");
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }
}
