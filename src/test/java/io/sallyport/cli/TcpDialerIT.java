package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a TCP connection in a WebSocket ends when the local side has nothing more to send. */
class TcpDialerIT {
    private static final int CLOSE = 8;
    private static final byte[] CLOSED_NORMALLY = {(byte) 0x88, 2, 0x03, (byte) 0xe8};

    private final ExecutorService edges = Executors.newVirtualThreadPerTaskExecutor();
    private ServerSocket server;

    @TempDir
    private Path home;

    /** The other end of the WebSocket, once it is open. */
    private interface Edge {
        void speak(InputStream in, OutputStream out) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setSoTimeout(30_000);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        edges.close();
    }

    /** A client that half-closes, as nc does at the end of its input, still wants the answer, however long that takes. */
    @Test
    void anAnswerLongerThanTheSilenceComesWhole() throws Exception {
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            String answer = carry(Duration.ofSeconds(3), (in, out) -> {
                CompletableFuture<Void> said = new CompletableFuture<>();
                int[] pieces = {0};
                clock.scheduleAtFixedRate(
                        () -> {
                            try {
                                out.write(new byte[] {(byte) 0x82, 1, (byte) ('a' + pieces[0])});
                                if (++pieces[0] == 26) {
                                    out.write(CLOSED_NORMALLY);
                                    said.complete(null);
                                    clock.shutdown();
                                }
                            } catch (IOException e) {
                                said.completeExceptionally(e);
                                clock.shutdown();
                            }
                        },
                        0,
                        200,
                        TimeUnit.MILLISECONDS);
                said.join();
            });
            assertThat(answer).isEqualTo("abcdefghijklmnopqrstuvwxyz");
        }
    }

    /** The service may still be taking what was sent when the WebSocket closes; a dialer that hung up then would cut that off. */
    @Test
    void itStaysUntilTheOtherEndHasClosedToo() throws Exception {
        String answer = carry(Duration.ofMillis(1), (in, out) -> {
            while (opcode(in) != CLOSE) {
                // what the local side has sent
            }
            out.write(new byte[] {(byte) 0x82, 4, 'd', 'o', 'n', 'e'});
            out.write(CLOSED_NORMALLY);
        });
        assertThat(answer).isEqualTo("done");
    }

    private String carry(Duration silence, Edge edge) throws Exception {
        CompletableFuture<Void> spoken = CompletableFuture.runAsync(() -> accept(edge), edges);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        InputStream in = new ByteArrayInputStream("hello".getBytes(StandardCharsets.US_ASCII));
        Terminal terminal = new Terminal(print, print, in, Map.of(), home, InstantSource.system());
        URI application = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
        new TcpDialer(terminal, application, Map.of(), silence).carry(in, print, () -> {});
        spoken.exceptionally(cutOff -> null).get(30, TimeUnit.SECONDS);
        return out.toString(StandardCharsets.UTF_8);
    }

    private void accept(Edge edge) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(30_000);
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            Matcher key = Pattern.compile("(?i)sec-websocket-key: *(\\S+)").matcher(head);
            assertThat(key.find()).isTrue();
            byte[] accepted = MessageDigest.getInstance("SHA-1")
                    .digest((key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream()
                    .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: "
                                    + Base64.getEncoder().encodeToString(accepted) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            edge.speak(in, socket.getOutputStream());
            in.readAllBytes();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Reads a short frame of the client. */
    private static int opcode(InputStream in) throws IOException {
        int first = in.read();
        int length = in.read() & 0x7f;
        in.readNBytes(4 + length);
        return first & 0x0f;
    }
}
