package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import io.sallyport.testkit.RawHttp;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies larger than any buffer stream through with flat memory, at the pace of the slower side (DO-03, R-40, R-41). */
class LargeBodyIT {
    private static final long SIZE = Long.getLong("sallyport.test.large-body", 256L << 20);
    private static final long DIRECT_LIMIT = 64L << 20;

    private static final AtomicLong WRITTEN = new AtomicLong();
    private static final AtomicLong READ = new AtomicLong();
    private static Edge edge;
    private static ServerSocket origin;

    @BeforeAll
    static void start() throws IOException {
        origin = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(LargeBodyIT::accept);
        edge = Edge.start()
                .origin("big.localhost", Edge.direct(URI.create("http://127.0.0.1:" + origin.getLocalPort())))
                .application("big.localhost", Edge.bypass())
                .publish();
    }

    @AfterAll
    static void stop() throws IOException {
        edge.close();
        origin.close();
    }

    private static void accept() {
        try {
            while (true) {
                Socket socket = origin.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            byte[] buffer = new byte[64 * 1024];
            OutputStream out = socket.getOutputStream();
            if (head.toString().startsWith("POST")) {
                for (long left = SIZE; left > 0; ) {
                    int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                    left -= read;
                    READ.addAndGet(read);
                }
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            for (long left = SIZE; left > 0; left -= Math.min(left, buffer.length)) {
                out.write(buffer, 0, (int) Math.min(left, buffer.length));
                WRITTEN.addAndGet(Math.min(left, buffer.length));
            }
        } catch (IOException gone) {
            // the visitor left
        }
    }

    private static RawHttp get() {
        return RawHttp.connect(edge.port()).send("GET /big HTTP/1.1\r\nHost: big.localhost\r\n\r\n");
    }

    @Test
    void r41_aLargeDownloadStreamsWithFlatMemory() {
        long before = heapAfterGc();
        long direct = PlatformDependent.usedDirectMemory(); // other tests' gates in this JVM keep theirs
        long started = System.nanoTime();
        long most = 0;
        try (RawHttp http = get()) {
            assertThat(http.head().status()).isEqualTo(200);
            for (long left = SIZE; left > 0; ) {
                int read = http.read((int) Math.min(left, 1 << 20)).length;
                assertThat(read).isPositive();
                left -= read;
                most = Math.max(most, PlatformDependent.usedDirectMemory());
            }
        }
        report("download", started, most - direct, heapAfterGc() - before);
    }

    @Test
    void r41_aLargeUploadStreamsWithFlatMemory() {
        long before = heapAfterGc();
        long direct = PlatformDependent.usedDirectMemory(); // other tests' gates in this JVM keep theirs
        long started = System.nanoTime();
        long most = 0;
        byte[] piece = new byte[1 << 20];
        READ.set(0);
        try (RawHttp http = RawHttp.connect(edge.port())
                .send("POST /big HTTP/1.1\r\nHost: big.localhost\r\nContent-Length: " + SIZE + "\r\n\r\n")) {
            for (long left = SIZE; left > 0; left -= piece.length) {
                http.send(piece);
                most = Math.max(most, PlatformDependent.usedDirectMemory());
            }
            assertThat(http.response().status()).isEqualTo(200);
        }
        assertThat(READ.get()).isEqualTo(SIZE);
        report("upload", started, most - direct, heapAfterGc() - before);
    }

    @Test
    void r40_aReaderThatStopsPausesTheOrigin() {
        WRITTEN.set(0);
        try (RawHttp http = get()) {
            assertThat(http.head().status()).isEqualTo(200);
            long seen = -1;
            int still = 0;
            while (still < 20) { // that nothing more is written shows in nothing but time
                LockSupport.parkNanos(50_000_000);
                still = WRITTEN.get() == seen ? still + 1 : 0;
                seen = WRITTEN.get();
            }
            System.out.println("R-40 the origin paused after " + (seen >> 10) + " KiB");
            assertThat(seen).isLessThan(SIZE / 4);
        }
    }

    private static void report(String what, long started, long direct, long heap) {
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf(
                "R-41 %s of %d MiB: %.0f MiB/s, direct memory at most %+d KiB, heap after GC %+d KiB%n",
                what, SIZE >> 20, (SIZE >> 20) / seconds, direct >> 10, heap >> 10);
        assertThat(direct).isLessThan(DIRECT_LIMIT);
        assertThat(heap).isLessThan(16L << 20);
    }

    private static long heapAfterGc() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
