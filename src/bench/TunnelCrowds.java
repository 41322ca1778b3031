import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Many at once who ask for little: readers who are slow, readers who take nothing, WebSockets that say nothing. */
final class TunnelCrowds {
    private final TunnelBed bed;
    private final String protocol;
    private Process connector;

    /** @param connector the one that runs for this protocol */
    TunnelCrowds(TunnelBed bed, String protocol, Process connector) {
        this.bed = bed;
        this.protocol = protocol;
        this.connector = connector;
    }

    /** Visitors who take a kilobyte now and then of something endless: memory of both ends must stay as it is. */
    void slowReaders() throws Exception {
        List<Socket> readers = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(16 << 10);
                socket.connect(new InetSocketAddress("127.0.0.1", bed.port));
                TunnelBed.ask(socket, protocol + ".localhost", "/bulk");
                readers.add(socket);
            }
            List<String> seen = new ArrayList<>();
            for (int second = 0; second < 12; second++) {
                for (Socket reader : readers) {
                    reader.getInputStream().readNBytes(1024);
                }
                if (second % 4 == 3) {
                    seen.add("%d/%d".formatted(resident(bed.gateway), resident(connector)));
                }
                Thread.sleep(1000);
            }
            long began = System.nanoTime();
            bed.awaitStatus("/", protocol + ".localhost", 200);
            System.out.printf(
                    "%s: 100 slow readers: resident MB of gateway/connector after 4, 8, 12 s: %s; another visitor was answered in %.0f ms%n",
                    protocol, String.join(", ", seen), (System.nanoTime() - began) / 1e6);
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
    }

    /**
     * Visitors who ask for something endless and take nothing, all on one connection that has carried more than two gigabytes before:
     * somebody beside them must not notice.
     */
    void stalledReaders() throws Exception {
        connector.destroy();
        connector.waitFor();
        String name = protocol + "-one";
        Process one = bed.startConnector(name, protocol, bed.tokens.get(protocol), 1);
        bed.awaitOutput(name, "Registered tunnel connection");
        bed.awaitStatus("/", protocol + ".localhost", 200);
        List<Socket> readers = new ArrayList<>();
        try {
            try (Socket whole = new Socket("127.0.0.1", bed.port)) {
                TunnelBed.ask(whole, protocol + ".localhost", "/bulk");
                whole.getInputStream().skipNBytes(2_200_000_000L);
            }
            for (int i = 0; i < 100; i++) {
                Socket socket = new Socket();
                socket.setReceiveBufferSize(16 << 10);
                socket.connect(new InetSocketAddress("127.0.0.1", bed.port));
                TunnelBed.ask(socket, protocol + ".localhost", "/bulk");
                readers.add(socket);
            }
            Thread.sleep(5000);
            System.out.printf("%s: 100 readers who take nothing, on one connection after 2.2 GB: resident MB of gateway/connector %d/%d; ",
                    protocol, resident(bed.gateway), resident(one));
            long longest = 0;
            for (int i = 0; i < 50; i++) {
                try (Socket socket = new Socket("127.0.0.1", bed.port)) {
                    socket.setSoTimeout(10_000);
                    long began = System.nanoTime();
                    TunnelBed.ask(socket, protocol + ".localhost", "/");
                    TunnelBed.answer(new BufferedInputStream(socket.getInputStream()));
                    longest = Math.max(longest, System.nanoTime() - began);
                } catch (SocketTimeoutException stalled) {
                    System.out.println("another visitor got no answer in 10 s");
                    return;
                }
            }
            System.out.printf("50 others were answered in %.0f ms at most%n", longest / 1e6);
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
            one.destroyForcibly();
            comeBack();
        }
    }

    /** The connector that left comes back, for whoever is next. */
    private void comeBack() throws IOException {
        connector = bed.startConnector(protocol + "-1", protocol, bed.tokens.get(protocol));
        bed.awaitStatus("/", protocol + ".localhost", 200);
    }

    /** WebSockets that say nothing for a while, and then something. */
    void idleWebSockets() throws Exception {
        int limit = Integer.parseInt(output("sh", "-c", "ulimit -n").strip());
        int wanted = Math.min(bed.number("sockets", 10_000), (limit - 500) / 2);
        // Four connections and no more: the other connector leaves first.
        connector.destroy();
        connector.waitFor();
        Process four = bed.startConnector(protocol + "-sockets", protocol, bed.tokens.get(protocol), 4);
        bed.awaitOutput(protocol + "-sockets", "Registered tunnel connection connIndex=3");
        try (EchoServer echo = new EchoServer()) {
            bed.serve(protocol, echo.port());
            List<SocketChannel> sockets = new ArrayList<>();
            try {
                byte[] handshake = ("GET /ws HTTP/1.1\r\nHost: " + protocol + ".localhost\r\nConnection: Upgrade\r\n"
                                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
                long began = System.nanoTime();
                int opened = 0;
                String refusal = "";
                while (opened < wanted && refusal.isEmpty()) {
                    SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", bed.port));
                    sockets.add(socket);
                    String line = shake(socket, handshake);
                    if (line.endsWith("101")) {
                        opened++;
                    } else if (opened == 0 && System.nanoTime() - began < 5_000_000_000L) {
                        Thread.sleep(100); // the connector does not know its new rules yet
                    } else {
                        refusal = line;
                    }
                }
                double took = (System.nanoTime() - began) / 1e9;
                Thread.sleep(5000);
                int alive = 0;
                for (SocketChannel socket : sockets.subList(0, sockets.size() - (refusal.isEmpty() ? 0 : 1)).reversed().subList(0, opened)) {
                    alive += isAlive(socket) ? 1 : 0;
                }
                System.out.printf(
                        "%s: %d idle WebSockets opened in %.1f s%s, %d of them answered afterwards; resident MB of gateway/connector %d/%d%n",
                        protocol, opened, took, refusal.isEmpty() ? "" : ", then " + refusal, alive,
                        resident(bed.gateway), resident(four));
            } finally {
                for (SocketChannel socket : sockets) {
                    socket.close();
                }
                bed.serve(protocol, bed.origin);
                four.destroyForcibly();
                comeBack();
            }
        }
    }

    private static boolean isAlive(SocketChannel socket) {
        try {
            socket.write(ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, 7}));
            socket.socket().setSoTimeout(10_000); // the stream honours it, the channel does not
            return socket.socket().getInputStream().read() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** The status line's beginning, or what broke. */
    private static String shake(SocketChannel socket, byte[] handshake) {
        try {
            socket.write(ByteBuffer.wrap(handshake));
            ByteBuffer answer = ByteBuffer.allocate(2048);
            socket.read(answer);
            return new String(answer.array(), 0, 12, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Accepts any upgrade and gives every frame back, unmasked by its zero mask. */
    private static final class EchoServer implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());

        EchoServer() throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket socket = server.accept();
                        Thread.ofVirtual().start(() -> serve(socket));
                    } catch (IOException closed) {
                        return;
                    }
                }
            });
        }

        int port() {
            return server.getLocalPort();
        }

        private static void serve(Socket socket) {
            try (socket) {
                InputStream in = new BufferedInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int c = in.read();
                    if (c < 0) {
                        return;
                    }
                    head.append((char) c);
                }
                out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                for (byte[] frame = in.readNBytes(7); frame.length == 7; frame = in.readNBytes(7)) {
                    out.write(new byte[] {frame[0], 1, frame[6]});
                }
            } catch (IOException closed) {
                // the visitor left
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static long resident(Process process) throws IOException {
        Matcher pages = Pattern.compile("VmRSS:\\s+(\\d+)").matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
        return pages.find() ? Long.parseLong(pages.group(1)) / 1024 : -1;
    }

    private static String output(String... command) throws IOException {
        return new String(new ProcessBuilder(command).start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
