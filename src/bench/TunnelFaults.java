import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Breaks a running tunnel in every way we promise to survive, over both transports, and says what visitors saw: one of two connectors
 * stopped gracefully, killed, frozen; its TCP connections reset; the edge killed with requests in flight and started again; UDP
 * swallowed; a path of 300 ms that loses 2 %; one of two replicas killed; and what {@link TunnelCrowds} has.
 *
 * <p>Needs what {@link TunnelFigures} needs, and {@code ss} and {@code kill}. Run it from the checkout: {@code java
 * src/bench/TunnelFaults.java}; takes about three minutes. {@code --only=frozen} runs one fault, {@code --over=quic} one transport, {@code --sockets=10000} says how many
 * WebSockets. Each takes two descriptors here, in the client and in its origin, so {@code ulimit -n} may lower that.
 */
class TunnelFaults {
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
        bed.tokens.keySet().removeIf(protocol -> !protocol.contains(bed.options.getOrDefault("over", "")));
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
            TunnelCrowds crowds = new TunnelCrowds(bed, protocol, first);
            if (isAsked("slow")) {
                crowds.slowReaders();
            }
            if (isAsked("stalled")) {
                crowds.stalledReaders();
            }
            if (isAsked("sockets")) {
                crowds.idleWebSockets();
            }
        }
        if (isAsked("edge")) {
            edgeKilled();
        }
        if (isAsked("far")) {
            for (String protocol : bed.tokens.keySet()) {
                farAway(protocol);
            }
        }
        if (isAsked("udp") && bed.tokens.containsKey("quic")) {
            swallowedUdp();
        }
        if (isAsked("replica")) {
            for (String protocol : bed.tokens.keySet()) {
                replicaKilled(protocol);
            }
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

        /** What each of them is about, and nothing after it. */
        void asTheLastThing() {
            isOver = true;
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

    /**
     * Two replicas beside the first gateway, on its database; a connector keeps two connections to each of the two, visitors come to
     * both, and one of them dies. Its visitors come to the other from then on, as a balancer would send them.
     */
    private void replicaKilled(String protocol) throws Exception {
        TunnelBed.Replica first = bed.startReplica(protocol + "-replica-1");
        TunnelBed.Replica second = bed.startReplica(protocol + "-replica-2");
        bed.near(protocol).destroy();
        String name = protocol + "-between";
        Process connector = bed.startConnector(name, protocol, bed.tokens.get(protocol), 4, first.tunnelPort(), second.tunnelPort());
        bed.awaitOutput(name, "Registered tunnel connection connIndex=3");
        String host = protocol + ".localhost";
        Visitors ofTheDead = new Visitors(host, second.port());
        Visitors ofTheLiving = new Visitors(host, first.port());
        Visitors moved;
        long struck;
        try (ofTheLiving) {
            try (ofTheDead) {
                Thread.sleep(3000);
                ofTheDead.asTheLastThing();
                struck = System.nanoTime();
                second.process().destroyForcibly();
                second.process().waitFor();
            }
            moved = new Visitors(host, first.port());
            try (moved) {
                Thread.sleep(8000);
            }
        }
        System.out.printf("%s: one of two replicas killed: its eight visitors: %s; those of the other: %s; those who moved there: %s%n",
                protocol, ofTheDead.report(struck), ofTheLiving.report(struck), moved.report(struck));
        connector.destroyForcibly();
        first.process().destroyForcibly();
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

    private static void kill(String signal, Process process) throws Exception {
        sh("kill " + signal + " " + process.pid());
    }

    private static int sh(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command + " >/dev/null 2>&1").start();
        process.waitFor(10, TimeUnit.SECONDS);
        return process.exitValue();
    }

}
