package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http.HttpMethod;
import io.sallyport.http.OutboundRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

/** Services at the addresses that admins, providers' documents and certificates name, and that mean us no good (OI-07, OI-08, DO-05). */
class OutboundBoundsIT {
    private static final OutboundRules LOOPBACK = OutboundRules.of(List.of("127.0.0.0/8"));
    private static final OutboundExchange HTTP = new OutboundExchange(LOOPBACK, Duration.ofSeconds(20));
    private static final OutboundExchange HASTY = new OutboundExchange(LOOPBACK, Duration.ofSeconds(1));

    /** One that says to every caller what its script says, on a thread for each. */
    private static final class Service implements AutoCloseable {
        private final ServerSocket listener;
        private final AtomicInteger callers = new AtomicInteger();
        private final AtomicInteger hungUp = new AtomicInteger();

        interface Script {
            void play(InputStream in, OutputStream out) throws IOException;
        }

        Service(Script script) throws IOException {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                while (!listener.isClosed()) {
                    accept(script);
                }
            });
        }

        private void accept(Script script) {
            try {
                Socket caller = listener.accept();
                callers.incrementAndGet();
                Thread.ofVirtual().start(() -> {
                    try (caller) {
                        script.play(caller.getInputStream(), caller.getOutputStream());
                    } catch (IOException gone) {
                        hungUp.incrementAndGet();
                    }
                });
            } catch (IOException closed) {
                // The end of the test.
            }
        }

        URI at(String scheme) {
            return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort() + "/asked");
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The head of a request without a body. */
    private static void head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the caller is gone");
            }
            head.append((char) next);
        }
    }

    private static Service saying(String text) throws IOException {
        return new Service((in, out) -> {
            out.write(bytes(text));
            out.flush();
            in.transferTo(OutputStream.nullOutputStream());
        });
    }

    @BeforeAll
    static void warmUp() throws IOException {
        try (Service quick = saying("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")) {
            HTTP.exchange(HttpMethod.GET, quick.at("http"), new HttpHeaders(), new byte[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.9p1-internal\r\n",
                "220 mail.internal ESMTP Postfix\r\n",
                "-ERR internal command not allowed\r\n",
                "HTTP/internal 200 OK\r\n\r\n",
                "HTTP/1.1 internal OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\ninternal\u0000name: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: internal\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ninternal\r\n",
                "{\"SecretAccessKey\":\"internal\"}\r\n\r\n"
            })
    void oi08_aRefusalQuotesNothingOfWhatTheOtherSideSaid(String greeting) throws IOException {
        for (String scheme : List.of("http", "https")) {
            try (Service other = saying(greeting)) {
                assertThatThrownBy(() -> HASTY.get(other.at(scheme)))
                        .as(scheme)
                        .isInstanceOf(IOException.class)
                        .satisfies(refusal -> assertThat(refusal.getMessage())
                                .as(scheme)
                                .startsWith("127.0.0.1 could not be asked: ")
                                .doesNotContainIgnoringCase("internal")
                                .doesNotContainIgnoringCase(
                                        HexFormat.of().formatHex(bytes(greeting), 0, Math.min(8, greeting.length()))));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void oi08_credentialsDoNotFollowARedirect(int status) throws IOException {
        try (Service elsewhere = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
                Service moved = saying("HTTP/1.1 " + status + " Moved\r\nLocation: " + elsewhere.at("http")
                        + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
            HttpHeaders headers = new HttpHeaders();
            headers.setBearerAuth("of-a-person");
            for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
                OutboundExchange.Answer answer =
                        HTTP.exchange(method, moved.at("http"), headers, bytes("client_secret=s"));
                assertThat(answer.status()).isEqualTo(status);
            }
            assertThatThrownBy(() -> HTTP.get(moved.at("http"))).hasMessageContaining("answered " + status);
            assertThatThrownBy(() -> HTTP.getSigned(moved.at("http"), 1000)).hasMessageContaining("answered " + status);
            assertThat(elsewhere.callers).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Transfer-Encoding: chunked", "Content-Length: 99999999999", "Connection: close"})
    void oi07_aBodyWithoutAnEndIsReadToTheBoundAndTheCallerHangsUp(String framing) throws IOException {
        String piece = "x".repeat(1000);
        try (Service endless = new Service((in, out) -> {
            head(in);
            out.write(bytes("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n"));
            while (true) {
                out.write(bytes(framing.contains("chunked") ? "3e8\r\n" + piece + "\r\n" : piece));
            }
        })) {
            assertThatThrownBy(() -> HTTP.get(endless.at("http"))).isInstanceOf(OutboundExchange.TooLarge.class);
            await("the connection to be given up")
                    .untilAsserted(() -> assertThat(endless.hungUp).hasValue(1));
        }
    }

    @Test
    void oi07_whatIsCompressedIsNeverBlownUp() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] nothing = new byte[1 << 20];
            for (int i = 0; i < 50; i++) {
                gzip.write(nothing);
            }
        }
        try (Service bomb = new Service((in, out) -> {
            head(in);
            out.write(bytes(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: "
                            + packed.size() + "\r\n\r\n"));
            out.write(packed.toByteArray());
            out.flush();
        })) {
            assertThat(HTTP.exchange(HttpMethod.GET, bomb.at("http"), new HttpHeaders(), new byte[0])
                            .body())
                    .isEqualTo(packed.toByteArray());
        }
    }

    @Test
    void oi07_headersWithoutAnEndAreGivenUp() throws IOException {
        try (Service endless = new Service((in, out) -> {
            head(in);
            out.write(bytes("HTTP/1.1 200 OK\r\n"));
            for (int i = 0; ; i++) {
                out.write(bytes("X-" + i + ": " + "y".repeat(500) + "\r\n"));
            }
        })) {
            assertThatThrownBy(() -> HTTP.get(endless.at("http")))
                    .isInstanceOf(IOException.class)
                    .hasMessageNotContaining("yyy");
            await("the connection to be given up")
                    .untilAsserted(() -> assertThat(endless.hungUp).hasValue(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // not even a status line
                "HTTP/1.1 200 OK\r\nX-Slow: ",
                "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\n\r\n"
            })
    void do05_whoDripsTakesNoLongerThanWhoIsSilent(String beginning) throws IOException {
        boolean interim = beginning.startsWith("HTTP/1.1 1");
        try (Service dripping = new Service((in, out) -> {
            head(in);
            out.write(bytes(beginning));
            while (true) {
                out.write(bytes(interim ? beginning : "x"));
                out.flush();
                LockSupport.parkNanos(50_000_000); // the pace of the drops
            }
        })) {
            long begun = System.nanoTime();
            assertThatThrownBy(() -> HASTY.get(dripping.at("http"))).isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
            await("the connection to be given up")
                    .untilAsserted(() -> assertThat(dripping.hungUp).hasValue(1));
        }
    }

    /** The connection goes when it has been idle for seconds, which five services let us wait for at once. */
    @Test
    void rp13_anAnswerThatNobodyAskedForIsGivenToNobody() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(callers.submit(OutboundBoundsIT::callsAGenerousService));
            }
            for (Future<?> each : calls) {
                each.get();
            }
        }
    }

    private static Void callsAGenerousService() throws IOException, InterruptedException {
        Semaphore hungUp = new Semaphore(0);
        try (Service generous = new Service((in, out) -> {
            try {
                while (true) {
                    head(in);
                    out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"
                            + "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"));
                    out.flush();
                }
            } finally {
                hungUp.release();
            }
        })) {
            assertThat(HTTP.get(generous.at("http"))).isEqualTo("true");
            assertThat(hungUp.tryAcquire(10, TimeUnit.SECONDS))
                    .as("the connection is given up")
                    .isTrue();
        }
        return null;
    }
}
