package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.Sallyport;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.ChildGateway;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DO-06: a process that gets too little from its system refuses new work, ends what it began, and is well again afterwards. */
class ScarceResourcesIT {
    private static final TestPostgres POSTGRES = TestPostgres.migrated();

    @TempDir
    private static Path files;

    /** Started by the first test that asks. */
    private static @Nullable ChildGateway fewDescriptors;

    private final String host = "scarce-" + UUID.randomUUID() + ".localhost";
    private final RecordingOrigin origin = RecordingOrigin.start();
    private final CountDownLatch released = new CountDownLatch(1);

    @BeforeEach
    void holdAnswersBack() {
        origin.answer(request -> request.target().startsWith("/held"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            waitForRelease();
            out.write("4\r\nrest\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
    }

    private void waitForRelease() {
        try {
            assertThat(released.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void end() {
        released.countDown();
        origin.close();
    }

    @AfterAll
    static void stop() {
        if (fewDescriptors != null) {
            fewDescriptors.close();
        }
        POSTGRES.close();
    }

    private static ChildGateway fewDescriptors() throws IOException {
        ChildGateway known = fewDescriptors;
        if (known == null) {
            known = new ChildGateway.Start(Sallyport.class)
                    .descriptors(800)
                    .on(POSTGRES, Files.createDirectory(files.resolve("few")));
            fewDescriptors = known;
        }
        return known;
    }

    private void publish(AdminClient admin, int port) {
        String policy = admin.post(
                        "/access/policies",
                        "{\"name\":\"%s\",\"decision\":\"bypass\",\"include\":[{\"everyone\":{}}]}".formatted(host))
                .get("id")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, origin.uri()));
        admin.post(
                "/access/apps",
                "{\"type\":\"self_hosted\",\"name\":\"%1$s\",\"domain\":\"%1$s\",\"policies\":[\"%2$s\"]}"
                        .formatted(host, policy));
        await().atMost(Duration.ofSeconds(30)).until(() -> status(port) == 200);
    }

    private int status(int port) {
        return RawHttp.exchange(port, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .status();
    }

    @Test
    void do06_withoutDescriptorsForMoreANewConnectionIsClosedAndThoseThereGetTheirAnswers() throws Exception {
        ChildGateway gateway = fewDescriptors();
        publish(gateway.admin(), gateway.port());
        List<Socket> held = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
            if (begins(client)) {
                held.add(client);
            } else {
                refused++;
                client.close();
            }
        }
        assertThat(held).hasSizeGreaterThan(15);
        assertThat(refused).isPositive();
        assertThat(gateway.said())
                .anySatisfy(line -> assertThat(line)
                        .contains("connections of clients are taken instead of 20000", "sallyport.limits.connections"))
                .noneMatch(line -> line.contains("Too many open files"));
        released.countDown();
        for (Socket client : held) {
            assertThat(ends(client)).isTrue();
            client.close();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> begins(gateway.port()));
        assertThat(status(gateway.port())).isEqualTo(200);
    }

    /** Whoever begins a handshake and leaves it there has a descriptor for a while, and is answered, unlike who is refused. */
    @Test
    void do06_connectorsOverTcpTakeNoDescriptorsFromClients() throws Exception {
        List<Socket> connectors = new ArrayList<>();
        try (TestPostgres postgres = TestPostgres.migrated();
                ChildGateway gateway = new ChildGateway.Start(Sallyport.class)
                        .descriptors(800)
                        .tunnel()
                        .on(postgres, Files.createDirectory(files.resolve("connectors")))) {
            publish(gateway.admin(), gateway.port());
            int refused = 0;
            int port = gateway.tunnelPort();
            byte[] hello = clientHello();
            for (int batch = 0; batch < 7; batch++) {
                List<Socket> some = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    some.add(new Socket(InetAddress.getLoopbackAddress(), port));
                }
                connectors.addAll(some);
                for (Socket each : some) {
                    refused += isAnswered(each, hello) ? 0 : 1;
                }
            }
            assertThat(refused).isBetween(300, 695);
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
                clients.add(client);
                assertThat(begins(client)).as("client %d", i).isTrue();
            }
            released.countDown();
            for (Socket client : clients) {
                assertThat(ends(client)).isTrue();
                client.close();
            }
            assertThat(gateway.said())
                    .anySatisfy(line ->
                            assertThat(line).contains("connections of connectors are taken over TCP instead of 20000"))
                    .noneMatch(line -> line.contains("Too many open files"));
        } finally {
            for (Socket connector : connectors) {
                connector.close();
            }
        }
    }

    private static byte[] clientHello() throws GeneralSecurityException, SSLException {
        SSLEngine client = SSLContext.getDefault().createSSLEngine();
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Whether the other end goes on with a handshake; false when the connection is closed instead. */
    private static boolean isAnswered(Socket socket, byte[] hello) {
        try {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(hello);
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException silent) {
            throw new AssertionError("neither answered nor closed", silent);
        } catch (IOException closed) {
            return false;
        }
    }

    /** Asks for a held answer and reads its first half; false when the connection is closed instead. */
    private boolean begins(Socket client) {
        try {
            client.setSoTimeout(30_000);
            client.getOutputStream()
                    .write(("GET /held HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return readsTo(client, "half");
        } catch (SocketTimeoutException silent) {
            throw new AssertionError("neither answered nor closed", silent);
        } catch (IOException closed) {
            return false;
        }
    }

    /** Reads the second half. */
    private static boolean ends(Socket client) throws IOException {
        return readsTo(client, "rest");
    }

    private static boolean readsTo(Socket client, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        for (int next = client.getInputStream().read();
                next >= 0;
                next = client.getInputStream().read()) {
            if (read.append((char) next).toString().endsWith(end)) {
                return true;
            }
        }
        return false;
    }

    private boolean begins(int port) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return begins(client);
        }
    }

    @Test
    void do06_streamsThatFindNoDescriptorForTheirOriginAreToldSoAndTheOthersEnd() throws Exception {
        ChildGateway gateway = fewDescriptors();
        int before = gateway.said().size();
        publish(gateway.admin(), gateway.port());
        List<RawHttp2> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            RawHttp2 client = RawHttp2.connect(gateway.port());
            clients.add(client);
            for (int stream = 1; stream < 200; stream += 2) {
                client.request(stream, true, RawHttp2.get(host, "/held"));
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> gateway.said().stream().skip(before).anyMatch(line -> line.contains("no_descriptors")));
        released.countDown();
        Map<Integer, Long> statuses = clients.stream()
                .flatMap(client -> client.statuses(100).values().stream())
                .collect(Collectors.groupingBy(status -> status, Collectors.counting()));
        assertThat(statuses).containsOnlyKeys(200, 503);
        assertThat(gateway.said()).noneMatch(line -> line.contains("Too many open files"));
        await().atMost(Duration.ofSeconds(30)).until(() -> status(gateway.port()) == 200);
        clients.forEach(RawHttp2::close);
    }

    /** The product with somebody in it who takes its memory and gives it back when told to. */
    static final class Hoarder {
        private static final List<byte[]> HOARD = new ArrayList<>();

        private Hoarder() {}

        /** Starts the product and listens to its input: {@code take}, {@code give}. */
        public static void main(String[] arguments) throws Exception {
            Thread.ofPlatform().daemon().start(Hoarder::obey);
            Sallyport.main(arguments);
        }

        private static void obey() {
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    .lines()
                    .forEach(order -> {
                        if (order.equals("take")) {
                            take();
                        } else {
                            HOARD.clear();
                            System.gc();
                        }
                    });
        }

        private static void take() {
            MemoryPoolMXBean tenured = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getName().equals("Tenured Gen"))
                    .findFirst()
                    .orElseThrow();
            MemoryUsage usage = tenured.getUsage();
            while (usage.getUsed() < usage.getMax() * 0.96) {
                HOARD.add(new byte[(int) Math.max(1 << 20, (usage.getMax() - usage.getUsed()) / 4)]);
                System.gc();
                usage = tenured.getCollectionUsage();
            }
        }
    }

    /** While the heap fills, a busy machine's collector may keep a request waiting for longer than a client does. */
    private void awaitStatus(int port, int status) {
        await("the status " + status)
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> status(port) == status);
    }

    @Test
    void do06_aHeapThatIsFullRefusesNewRequestsAndEndsThoseUnderWay() throws Exception {
        try (TestPostgres postgres = TestPostgres.migrated();
                ChildGateway gateway = new ChildGateway.Start(Hoarder.class)
                        .java("-Xmx192m")
                        .on(postgres, Files.createDirectory(files.resolve("little")));
                Socket running = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            publish(gateway.admin(), gateway.port());
            assertThat(begins(running)).isTrue();
            gateway.tell("take");
            awaitStatus(gateway.port(), 503);
            RawHttp.Response refused = RawHttp.exchange(gateway.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(refused.first("retry-after")).isEqualTo("5");
            assertThat(refused.text()).contains("Too busy right now");
            released.countDown();
            assertThat(ends(running)).isTrue();
            gateway.tell("give");
            awaitStatus(gateway.port(), 200);
            await("both to be said")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(gateway.said())
                            .anyMatch(line -> line.contains("the heap is full"))
                            .anyMatch(line -> line.contains("the heap has room again")));
        }
    }
}
