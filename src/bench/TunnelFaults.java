import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Breaks a running tunnel in every way we promise to survive, over both transports, and says what visitors saw: one of two connectors
 * stopped gracefully, killed, frozen; its TCP connections reset; the edge killed with requests in flight and started again; UDP
 * swallowed; a path of 300 ms that loses 2 %; many idle WebSockets; many slow readers.
 *
 * <p>Needs what {@link TunnelFigures} needs, and {@code ss} and {@code kill}. Run it from the checkout: {@code java
 * src/bench/TunnelFaults.java}; takes about three minutes. {@code --only=frozen} runs one fault, {@code --sockets=10000} says how many
 * WebSockets. Each takes two descriptors here, in the client and in its origin, so {@code ulimit -n} may lower that.
 */
class TunnelFaults {
    /** What the gate opens on one connection; more WebSockets need more connections. */
    private static final int STREAMS_OF_A_CONNECTION = 4000;

    private final TunnelBed bed;
    private final String only;

    private TunnelFaults(TunnelBed bed) {
        this.bed = bed;
        this.only = bed.options.getOrDefault("only", "");
    }

    public static void main(String[] args) throws Exception {
        try (TunnelBed bed = new TunnelBed(args)) {
            new TunnelFaults(bed).run();
        }
    }

    private void run() throws Exception {
        for (String protocol : bed.tokens.keySet()) {
            Process first = bed.startConnector(protocol + "-1", protocol, bed.tokens.get(protocol));
            bed.awaitStatus("/", protocol + ".localhost", 200);
            if (isAsked("stopped")) {
                ofTwo(protocol, "stopped gracefully", second -> second.destroy());
            }
            if (isAsked("killed")) {
                ofTwo(protocol, "killed", second -> second.destroyForcibly());
            }
            if (isAsked("frozen")) {
                ofTwo(protocol, "frozen", second -> kill("-STOP", second));
            }
            if (isAsked("reset") && protocol.equals("http2")) {
                ofTwo(protocol, "cut off by TCP resets", second -> sh("ss -K dst 127.0.0.1 dport = " + bed.tunnelPort));
            }
            if (isAsked("slow")) {
                slowReaders(protocol, first);
            }
            if (isAsked("sockets")) {
                idleWebSockets(protocol);
            }
        }
        if (isAsked("far")) {
            for (String protocol : bed.tokens.keySet()) {
                farAway(protocol);
            }
        }
        if (isAsked("udp")) {
            swallowedUdp();
        }
        if (isAsked("edge")) {
            edgeKilled();
        }
    }

    private boolean isAsked(String fault) {
        return fault.contains(only) || only.isEmpty();
    }

    private interface Blow {
        void strike(Process victim) throws Exception;
    }

    /** What visitors saw: how many answers, how many failures, and when the last failure was, counted from the blow. */
    private final class Visitors implements AutoCloseable {
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicInteger answered = new AtomicInteger();
        private final List<Long> failures = new CopyOnWriteArrayList<>();
        private final List<Long> waits = new CopyOnWriteArrayList<>();
        private volatile boolean isOver;

        Visitors(String host) {
            this(host, bed.port);
        }

        Visitors(String host, int port) {
            for (int i = 0; i < 8; i++) {
                boolean posts = i % 2 == 0;
                threads.add(Thread.ofPlatform().start(() -> visit(host, port, posts)));
            }
        }

        private void visit(String host, int port, boolean posts) {
            while (!isOver) {
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    socket.setSoTimeout(30_000);
                    InputStream in = new BufferedInputStream(socket.getInputStream());
                    while (!isOver) {
                        long began = System.nanoTime();
                        if (posts) {
                            socket.getOutputStream()
                                    .write(("POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\n\r\nhello")
                                            .getBytes(StandardCharsets.US_ASCII));
                        } else {
                            TunnelBed.ask(socket, host, "/");
                        }
                        int status = TunnelBed.answer(in);
                        waits.add(System.nanoTime() - began);
                        if (status == 200) {
                            answered.incrementAndGet();
                        } else {
                            failures.add(System.nanoTime());
                        }
                        Thread.sleep(2);
                    }
                } catch (IOException | InterruptedException e) {
                    failures.add(System.nanoTime());
                }
            }
        }

        String report(long struck) {
            long last = failures.stream().mapToLong(Long::longValue).max().orElse(struck);
            long longest = waits.stream().mapToLong(Long::longValue).max().orElse(0);
            return "%d answered, %d failed%s, longest wait %.1f s"
                    .formatted(
                            answered.get(),
                            failures.size(),
                            failures.isEmpty() ? "" : ", the last %.1f s after".formatted((last - struck) / 1e9),
                            longest / 1e9);
        }

        @Override
        public void close() throws InterruptedException {
            isOver = true;
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** A second connector joins, is struck, and visitors (half of them with bodies) go on for a while. */
    private void ofTwo(String protocol, String what, Blow blow) throws Exception {
        String name = protocol + "-" + what.replace(' ', '-');
        Process second = bed.startConnector(name, protocol, bed.tokens.get(protocol));
        bed.awaitOutput(name, "Registered tunnel connection");
        Visitors visitors = new Visitors(protocol + ".localhost");
        long struck;
        try (visitors) {
            Thread.sleep(2000);
            struck = System.nanoTime();
            blow.strike(second);
            Thread.sleep(8000);
        }
        System.out.printf("%s: one of two connectors %s: %s%n", protocol, what, visitors.report(struck));
        second.destroyForcibly();
        second.waitFor();
    }

    /** The edge dies with requests in flight and comes back; the clock runs from when it serves what needs no tunnel. */
    private void edgeKilled() throws Exception {
        List<Visitors> all = new ArrayList<>();
        for (String protocol : bed.tokens.keySet()) {
            all.add(new Visitors(protocol + ".localhost"));
        }
        Thread.sleep(1000);
        for (Visitors each : all) {
            each.close(); // requests against a closed port would only heat the machine
        }
        bed.gateway.destroyForcibly();
        bed.gateway.waitFor();
        bed.gateway = bed.startGateway();
        bed.awaitStatus("/", "direct.localhost", 200);
        long began = System.nanoTime();
        for (String protocol : bed.tokens.keySet()) {
            bed.awaitStatus("/", protocol + ".localhost", 200);
            System.out.printf(
                    "%s: the edge was killed and started again: served %.1f s after the edge was there%n",
                    protocol, (System.nanoTime() - began) / 1e9);
        }
    }

    /** A connector free to choose dials a port behind which TCP goes to the edge and packets go nowhere. */
    private void swallowedUdp() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket tcp = new ServerSocket(0, 50, loopback);
                DatagramSocket hole = new DatagramSocket(tcp.getLocalPort(), loopback)) {
            Thread.ofVirtual().start(() -> relay(tcp));
            long began = System.nanoTime();
            Process connector = bed.startConnector("fallback", "auto", bed.tokens.get("quic"), 1, hole.getLocalPort());
            bed.awaitOutput("fallback", "Registered tunnel connection");
            String words = Files.readString(bed.work.resolve("fallback.out"));
            System.out.printf(
                    "UDP swallowed: registered over %s after %.1f s; it said: %s%n",
                    TunnelBed.first(words, "Registered tunnel connection.*protocol=(\\w+)"),
                    (System.nanoTime() - began) / 1e9,
                    TunnelBed.first(words, "(Switching to fallback.*)"));
            connector.destroyForcibly();
        }
    }

    /** A connector behind a path that takes 150 ms each way and loses every fiftieth packet; the near connector is stopped meanwhile. */
    private void farAway(String protocol) throws Exception {
        try (LongPath path = new LongPath(bed.tunnelPort)) {
            String name = protocol + "-far";
            Process far = bed.startConnector(name, protocol, bed.tokens.get(protocol), 4, path.port());
            bed.awaitOutput(name, "Registered tunnel connection");
            bed.near(protocol).destroy();
            Thread.sleep(6000); // the others register, the near one leaves
            Visitors visitors = new Visitors(protocol + ".localhost");
            long began = System.nanoTime();
            try (visitors) {
                Thread.sleep(20_000);
            }
            System.out.printf("%s: 300 ms and 2 %% loss for 20 s: %s%n", protocol, visitors.report(began));
            far.destroyForcibly();
            far.waitFor();
        }
    }

    private void relay(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket near = from.accept();
                Socket far = new Socket("127.0.0.1", bed.tunnelPort);
                copy(near, far);
                copy(far, near);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        Thread.ofVirtual().start(() -> {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException closed) {
                // both ends are closed with it
            }
        });
    }

    /** Visitors who take a kilobyte now and then of something endless: memory of both ends must stay as it is. */
    private void slowReaders(String protocol, Process connector) throws Exception {
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

    /** WebSockets that say nothing for a while, and then something. */
    private void idleWebSockets(String protocol) throws Exception {
        int limit = Integer.parseInt(output("sh", "-c", "ulimit -n").strip());
        int wanted = Math.min(bed.number("sockets", 10_000), (limit - 500) / 2);
        Process connector = bed.startConnector(
                protocol + "-sockets", protocol, bed.tokens.get(protocol), Math.max(4, wanted / STREAMS_OF_A_CONNECTION + 1));
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
                        resident(bed.gateway), resident(connector));
            } finally {
                for (SocketChannel socket : sockets) {
                    socket.close();
                }
                bed.serve(protocol, bed.origin);
                connector.destroyForcibly();
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

    private static void kill(String signal, Process process) throws Exception {
        sh("kill " + signal + " " + process.pid());
    }

    private static int sh(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command + " >/dev/null 2>&1").start();
        process.waitFor(10, TimeUnit.SECONDS);
        return process.exitValue();
    }

    private static String output(String... command) throws IOException {
        return new String(new ProcessBuilder(command).start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
