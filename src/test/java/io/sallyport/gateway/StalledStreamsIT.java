package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hundred who take nothing, in either direction, beside somebody in a hurry: all of them on one tunnel connection (TU-06). */
class StalledStreamsIT {
    private static final TunnelId TUNNEL = new TunnelId(UUID.randomUUID());
    private static final String HOST = "stalled.localhost";
    private static final int STALLED = 100;
    private static final int PIECE = 64 << 10;
    /** For so long nothing moves when all are stalled. */
    private static final Duration QUIET = Duration.ofMillis(100);

    private static TunnelledEdge gate;
    private static Origin origin;

    private final List<SocketChannel> visitors = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path files) throws IOException {
        gate = TunnelledEdge.start(files);
        origin = new Origin();
        gate.grant(TUNNEL).host(HOST, TUNNEL).publish();
    }

    @AfterEach
    void leave() throws IOException {
        origin.stalled.set(0);
        for (SocketChannel visitor : visitors) {
            visitor.close();
        }
    }

    @AfterAll
    static void stop() throws IOException {
        origin.close();
        gate.close();
    }

    @ParameterizedTest
    @EnumSource
    void tu06AHundredStalledDownloadsKeepNobodyWaiting(Protocol protocol) throws IOException {
        Connector connector = connect(protocol);
        try {
            for (int i = 0; i < STALLED; i++) {
                visit("GET /endless HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
            }
            await().pollInterval(QUIET)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> origin.stalled.get() == STALLED && origin.isQuiet());
            assertThatOthersAreServed();
        } finally {
            gate.disconnect(connector, TUNNEL);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tu06AHundredStalledUploadsKeepNobodyWaiting(Protocol protocol) throws IOException {
        Connector connector = connect(protocol);
        try {
            for (int i = 0; i < STALLED; i++) {
                visit("POST /stuck HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 1000000000\r\n\r\n");
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> origin.stalled.get() == STALLED);
            await("nothing more to be taken")
                    .pollInterval(QUIET)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> pushed() == 0 && pushed() == 0);
            assertThatOthersAreServed();
        } finally {
            gate.disconnect(connector, TUNNEL);
        }
    }

    private void visit(String head) throws IOException {
        SocketChannel visitor = SocketChannel.open();
        visitor.socket().setReceiveBufferSize(PIECE);
        visitor.socket().setSendBufferSize(PIECE);
        visitor.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gate.edge.port()));
        visitor.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        visitor.configureBlocking(false);
        visitors.add(visitor);
    }

    /** How much all of them could send at this moment. */
    private long pushed() throws IOException {
        long sum = 0;
        for (SocketChannel visitor : visitors) {
            sum += visitor.write(ByteBuffer.allocate(PIECE));
        }
        return sum;
    }

    private static void assertThatOthersAreServed() throws IOException {
        for (int i = 0; i < 10; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.edge.port())) {
                socket.setSoTimeout(30_000);
                socket.getOutputStream()
                        .write(("POST / HTTP/1.1\r\nHost: " + HOST
                                        + "\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200")
                        .endsWith("hello");
            }
        }
    }

    private static Connector connect(Protocol protocol) {
        return gate.connect(TUNNEL, protocol, 1, "ingress: [{service: 'http://127.0.0.1:" + origin.port() + "'}]");
    }

    /** Says more than anybody wants to hear at one address, listens to nothing at another, and is an echo elsewhere. */
    private static final class Origin implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, STALLED, InetAddress.getLoopbackAddress());
        private final CountDownLatch over = new CountDownLatch(1);
        private final AtomicInteger stalled = new AtomicInteger();
        private final AtomicLong said = new AtomicLong();
        private long heard;

        Origin() throws IOException {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        Thread.ofVirtual().start(() -> serve(socket));
                    }
                } catch (IOException closed) {
                    // the test is over
                }
            });
        }

        int port() {
            return server.getLocalPort();
        }

        /** Whether nothing was said since somebody last asked. */
        boolean isQuiet() {
            long before = heard;
            heard = said.get();
            return heard == before;
        }

        private void serve(Socket socket) {
            try (socket) {
                socket.setSendBufferSize(PIECE);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                for (String head = head(in); !head.isEmpty(); head = head(in)) {
                    if (head.startsWith("GET /endless")) {
                        stalled.incrementAndGet();
                        write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
                        for (int i = 0; i < 1_000_000_000 / PIECE; i++) {
                            socket.getOutputStream().write(new byte[PIECE]);
                            said.incrementAndGet();
                        }
                    } else if (head.startsWith("POST /stuck")) {
                        stalled.incrementAndGet();
                        over.await();
                        return; // what is left of its body is no head
                    } else {
                        write(
                                socket,
                                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                                        + new String(in.readNBytes(5), StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException | InterruptedException closed) {
                // the other end left, or the test is over
            }
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return "";
                }
                head.append((char) next);
            }
            return head.toString();
        }

        private static void write(Socket socket, String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void close() throws IOException {
            over.countDown();
            server.close();
        }
    }
}
