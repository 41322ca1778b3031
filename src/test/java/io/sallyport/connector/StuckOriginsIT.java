package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.Heap;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.RequestKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Origins that take nothing more, while visitors leave them: nothing of a visit may stay at the connector. */
class StuckOriginsIT {
    private static final Map<Protocol, Connector> CONNECTORS = new EnumMap<>(Protocol.class);
    private static final Map<Protocol, TestEdge.Link> LINKS = new EnumMap<>(Protocol.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A binary message of a WebSocket, 4 KB of zeros, masked with zeros. */
    private static final byte[] MESSAGE = message();

    private static ServerSocket origin;
    private static TestEdge edge;

    private static byte[] message() {
        byte[] frame = new byte[8 + (4 << 10)];
        System.arraycopy(new byte[] {(byte) 0x82, (byte) 0xfe, 0x10, 0}, 0, frame, 0, 4);
        return frame;
    }

    @BeforeAll
    static void start(@TempDir Path files) throws Exception {
        TestAuthority authority = new TestAuthority("edge");
        Path ca = Files.writeString(files.resolve("ca.pem"), authority.pem());
        origin = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        origin.setSoTimeout((int) PATIENCE.toMillis());
        edge = TestEdge.start(authority);
        for (Protocol protocol : Protocol.values()) {
            Connector connector = ConnectorIT.connector(
                    edge.address(), ca, protocol, """
                    ingress:
                      - {hostname: tcp.example, service: "tcp://127.0.0.1:%d"}
                      - service: "http://127.0.0.1:%d"
                    """.formatted(origin.getLocalPort(), origin.getLocalPort()));
            connector.start();
            CONNECTORS.put(protocol, connector);
            LINKS.put(protocol, edge.link());
        }
    }

    @AfterAll
    static void stop() throws IOException {
        CONNECTORS.values().forEach(connector -> connector.stop(Duration.ZERO).join());
        edge.close();
        origin.close();
    }

    @ParameterizedTest
    @EnumSource
    void anUploadThatIsCancelledEnds(Protocol protocol) throws IOException {
        EdgeStream upload =
                LINKS.get(protocol).request("POST", "app.example", "/", Map.of("content-length", "1000000000"), false);
        try (Socket stuck = accept()) {
            fill(upload);
            upload.cancel();
            awaitEnd(stuck, "HTTP/1.1 102 Processing\r\n\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWebSocketThatIsCancelledEnds(Protocol protocol) throws IOException {
        EdgeStream socket = upgrade(protocol);
        try (Socket stuck = accept()) {
            stuck.getOutputStream().write(SWITCHED);
            socket.head();
            fill(socket);
            socket.cancel();
            awaitEnd(stuck, "ping");
        }
    }

    /** The origin neither reads nor sends, and nothing is written to the visitor, so only a look can tell that nobody is there. */
    @ParameterizedTest
    @EnumSource
    void aTcpSessionThatIsCancelledEndsAtASilentOrigin(Protocol protocol) throws IOException {
        await("the end of others").atMost(PATIENCE).until(() -> relays() == 0);
        EdgeStream session = tcpSession(protocol);
        try (Socket silent = origin.accept()) {
            session.head();
            fill(session, MESSAGE);
            session.cancel();
            await("the end of the session").atMost(PATIENCE).until(() -> relays() == 0);
        }
    }

    private static long relays() {
        return Heap.count("io.sallyport.connector.ByteRelay");
    }

    private static EdgeStream tcpSession(Protocol protocol) {
        return LINKS.get(protocol)
                .open(RequestKind.WEBSOCKET, "GET", "tcp.example", "/", Map.of("sec-websocket-key", "x"), false);
    }

    /** Netty keeps the channel of a stream that has ended open while something unread is in it, and then our pings keep it. */
    @Test
    void whatEndsUnreadLeavesNothing() throws IOException {
        Map<String, Long> before = left();
        for (Protocol protocol : Protocol.values()) {
            tcpSessionThatEndsUnread(protocol);
            uploadThatIsAnsweredUnread(protocol);
            webSocketThatEndsUnread(protocol);
        }
        await("the end of the streams").atMost(PATIENCE).until(() -> left().equals(before));
    }

    private static void tcpSessionThatEndsUnread(Protocol protocol) throws IOException {
        EdgeStream session = tcpSession(protocol);
        try (Socket stuck = origin.accept()) {
            session.head();
            fill(session, MESSAGE);
        }
    }

    private static void uploadThatIsAnsweredUnread(Protocol protocol) throws IOException {
        EdgeStream upload =
                LINKS.get(protocol).request("POST", "app.example", "/", Map.of("content-length", "1000000000"), false);
        try (Socket stuck = accept()) {
            fill(upload);
            stuck.getOutputStream()
                    .write("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(upload.text()).isEqualTo("no");
        }
    }

    private static void webSocketThatEndsUnread(Protocol protocol) throws IOException {
        EdgeStream socket = upgrade(protocol);
        try (Socket stuck = accept()) {
            stuck.getOutputStream().write(SWITCHED);
            socket.head();
            fill(socket);
        }
    }

    private static final byte[] SWITCHED =
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: xyz\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);

    private static EdgeStream upgrade(Protocol protocol) {
        return LINKS.get(protocol)
                .open(RequestKind.WEBSOCKET, "GET", "app.example", "/", Map.of("sec-websocket-key", "x"), false);
    }

    /** The next connection of a connector, of which only the head of its request is ever read. */
    private static Socket accept() throws IOException {
        Socket socket = origin.accept();
        socket.setSoTimeout((int) PATIENCE.toMillis());
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return socket;
    }

    /** Sends until nothing more is taken. */
    private static void fill(EdgeStream stream) {
        fill(stream, new byte[1 << 16]);
    }

    private static void fill(EdgeStream stream, byte[] piece) {
        AtomicLong taken = new AtomicLong();
        Thread.ofVirtual().start(() -> {
            while (stream.isTaken(piece)) {
                taken.incrementAndGet();
            }
        });
        AtomicLong before = new AtomicLong();
        await("everything on the way to be full")
                .pollInterval(Duration.ofMillis(500))
                .atMost(PATIENCE)
                .until(() -> taken.get() > 0 && before.getAndSet(taken.get()) == taken.get());
    }

    /** A socket that the connector has closed refuses what is written to it. */
    private static void awaitEnd(Socket stuck, String word) {
        await("the connection to the origin to end").atMost(PATIENCE).until(() -> {
            try {
                stuck.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
                return false;
            } catch (IOException closed) {
                return true;
            }
        });
    }

    /** What streams that are over would leave at the connector. */
    private static Map<String, Long> left() {
        return Heap.count(List.of(
                "io.sallyport.connector.Exchange",
                "io.sallyport.connector.ByteRelay",
                "io.sallyport.connector.WebSocketBytes",
                "io.sallyport.connector.Http2StreamCodec",
                "io.sallyport.connector.QuicStreamCodec"));
    }
}
