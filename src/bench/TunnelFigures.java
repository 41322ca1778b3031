import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures the tunnel on this machine, in interleaved rounds: an origin through the gate directly, and the same origin through our
 * connector over HTTP/2 and over QUIC. For each: small requests a second of 32 and of 100 clients, one stream's Gbit/s, and the 99th
 * percentile of small requests alone and beside a bulk download of another client. A share of the direct rate is the median of
 * the rounds' shares, whose two rates are measured one after the other, because the host of a virtual machine changes its speed.
 *
 * <p>Needs {@code nginx} and {@code wrk} on the PATH and the jar that {@code ./mvnw package -DskipTests} builds. Run it from the
 * checkout: {@code java src/bench/TunnelFigures.java}; takes about six minutes. {@code --rounds=1 --seconds=2 --warm-up=2} is a
 * glance, {@code --only=quic} one target, {@code --ha-connections=1} lets the bulk download and the small requests share one
 * connection. Everything stays on loopback and is stopped at the end. See {@link TunnelBed} for the other options.
 */
class TunnelFigures {
    private static final int FEW = 32;
    private static final int MANY = 100;
    private static final int PACE_PER_SECOND = 200;

    private final TunnelBed bed;
    private final int seconds;

    private TunnelFigures(TunnelBed bed) {
        this.bed = bed;
        this.seconds = bed.number("seconds", 4);
    }

    /** The same origin by one way; wrk and the clients here find it by its host. */
    private record Target(String name, String host) {}

    /** What one round saw of one target. */
    private record Sample(
            double few, double ofDirectFew, double many, double ofDirectMany, double gigabits, double aloneMillis, double besideMillis) {}

    public static void main(String[] args) throws Exception {
        try (TunnelBed bed = new TunnelBed(args)) {
            List<Target> targets = new ArrayList<>();
            targets.add(new Target("gate, origin direct", "direct.localhost"));
            for (String protocol : bed.tokens.keySet()) {
                bed.startConnector(protocol + "-1", protocol, bed.tokens.get(protocol));
                bed.awaitStatus("/", protocol + ".localhost", 200);
                targets.add(new Target("gate, tunnel over " + protocol, protocol + ".localhost"));
            }
            targets.removeIf(target -> !target.name().contains(bed.options.getOrDefault("only", "")));
            new TunnelFigures(bed).measure(targets);
        }
    }

    private void measure(List<Target> targets) throws Exception {
        int rounds = bed.number("rounds", 3);
        int warmUp = bed.number("warm-up", 12);
        System.out.printf("load average %.2f; %d rounds, %d s for each figure, wrk -t1 -c%d and -c%d, body %d bytes%n",
                load(), rounds, seconds, FEW, MANY, TunnelBed.BODY.length());
        for (Target target : targets) {
            System.out.printf("warm-up %s: %.0f/s, %.2f Gbit/s%n", target.name(), wrk(target, FEW, warmUp), bulk(target, Math.min(warmUp, 3)));
        }
        Map<Target, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            Map<Target, Double> few = rates(targets, FEW);
            Map<Target, Double> many = rates(targets, MANY);
            for (Target target : targets) {
                double gigabits = bulk(target, seconds);
                double alone = p99(target);
                double beside;
                try (Bulk download = new Bulk(target)) {
                    beside = p99(target);
                }
                samples.computeIfAbsent(target, each -> new ArrayList<>()).add(new Sample(
                        few.get(target), few.get(target) / few.get(targets.getFirst()),
                        many.get(target), many.get(target) / many.get(targets.getFirst()), gigabits, alone, beside));
            }
        }
        System.out.printf("| | requests/s, %d clients | of direct | requests/s, %d clients | of direct | one stream Gbit/s"
                + " | p99 alone ms | p99 beside bulk ms | ratio |%n", FEW, MANY);
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        samples.forEach((target, all) -> System.out.printf("| %s | %.0f | %.0f %% | %.0f | %.0f %% | %.2f | %.2f | %.2f | %.1f |%n",
                target.name(), median(all, Sample::few), 100 * median(all, Sample::ofDirectFew),
                median(all, Sample::many), 100 * median(all, Sample::ofDirectMany),
                median(all, Sample::gigabits), median(all, Sample::aloneMillis), median(all, Sample::besideMillis),
                median(all, Sample::besideMillis) / median(all, Sample::aloneMillis)));
        System.out.printf("medians of %d rounds; load average at the end %.2f%n", rounds, load());
    }

    private Map<Target, Double> rates(List<Target> targets, int clients) throws IOException, InterruptedException {
        Map<Target, Double> rates = new LinkedHashMap<>();
        for (Target target : targets) {
            rates.put(target, wrk(target, clients, seconds));
        }
        return rates;
    }

    private double wrk(Target target, int clients, int forSeconds) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("wrk", "-t1", "-c" + clients, "-d" + forSeconds + "s",
                        "-H", "Host: " + target.host(), "http://127.0.0.1:" + bed.port + "/")
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        if (output.contains("Non-2xx or 3xx responses") || output.matches("(?s).*Socket errors: connect [1-9].*")) {
            throw new IllegalStateException(target.name() + " did not answer cleanly:\n" + output);
        }
        return Double.parseDouble(TunnelBed.first(output, "Requests/sec:\\s+([0-9.]+)"));
    }

    private double bulk(Target target, int forSeconds) throws Exception {
        try (Bulk download = new Bulk(target)) {
            Thread.sleep(500); // windows open, code warms
            long before = download.bytes.get();
            long began = System.nanoTime();
            Thread.sleep(forSeconds * 1000L);
            return (download.bytes.get() - before) * 8.0 / (System.nanoTime() - began);
        }
    }

    /** One client that reads as fast as it can, for as long as it is open. */
    private final class Bulk implements AutoCloseable {
        private final AtomicLong bytes = new AtomicLong();
        private final Socket socket;
        private final Thread reader;

        Bulk(Target target) throws IOException {
            socket = new Socket("127.0.0.1", bed.port);
            TunnelBed.ask(socket, target.host(), "/bulk");
            reader = Thread.ofPlatform().daemon().start(() -> {
                byte[] buffer = new byte[256 << 10];
                try (InputStream in = socket.getInputStream()) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        bytes.addAndGet(n);
                    }
                } catch (IOException closed) {
                    // that is how it ends
                }
            });
        }

        @Override
        public void close() throws Exception {
            socket.close();
            reader.join();
            if (bytes.get() == 0) {
                throw new IllegalStateException("the bulk download gave nothing");
            }
        }
    }

    /** One request after the other at a fixed pace, each counted from when it was due, over four connections. */
    private double p99(Target target) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                sockets.add(new Socket("127.0.0.1", bed.port));
                sockets.getLast().setTcpNoDelay(true);
            }
            List<double[]> all = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            long began = System.nanoTime();
            int each = PACE_PER_SECOND * seconds / sockets.size();
            for (int c = 0; c < sockets.size(); c++) {
                Socket socket = sockets.get(c);
                double[] millis = new double[each];
                all.add(millis);
                int shift = c;
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        InputStream in = new BufferedInputStream(socket.getInputStream());
                        for (int i = 0; i < each; i++) {
                            long due = began + (i * 4L + shift) * 1_000_000_000L / PACE_PER_SECOND;
                            java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
                            TunnelBed.ask(socket, target.host(), "/");
                            if (TunnelBed.answer(in) != 200) {
                                throw new IllegalStateException("not 200");
                            }
                            millis[i] = (System.nanoTime() - due) / 1e6;
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            double[] sorted = all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
            return sorted[(int) (sorted.length * 0.99)];
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static double median(List<Sample> samples, java.util.function.ToDoubleFunction<Sample> figure) {
        return samples.stream().mapToDouble(figure).sorted().skip(samples.size() / 2).findFirst().orElseThrow();
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
