package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.ReplicaPair;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.TrustEverybody;
import io.sallyport.token.KeyWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Floods at the port for other replicas of a whole gateway (boundary B7 of the threat model). Meanwhile another replica gets in, what
 * it forwards is answered, and so are the gateway's own visitors.
 */
class ReplicaPortIT {
    private static final String HOST = "port.localhost";
    private static final String OTHER = "other-port.localhost";

    private static ReplicaPair pair;
    private static ReplicaPair.Tunnel tunnel;
    private static ReplicaPair.Tunnel other;
    private static SharedAuthority authority;

    private final List<TestConnector> connectors = new ArrayList<>();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final List<Thread> attackers = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path files) {
        pair = ReplicaPair.start(files);
        tunnel = pair.tunnel(HOST);
        other = pair.tunnel(OTHER);
        authority = SharedAuthority.readOrCreate(
                SharedAuthority.Purpose.REPLICAS,
                pair.postgres().jdbc(),
                pair.far().context().getBean(KeyWrapper.class),
                InstantSource.system());
    }

    @AfterAll
    static void stop() {
        pair.close();
    }

    @BeforeEach
    void connect() {
        for (ReplicaPair.Tunnel each : List.of(tunnel, other)) {
            TestConnector connector = TestConnectorHttp2.dial(
                    pair.far().context().getBean(TunnelServer.class).port(),
                    new TestConnector.Claim(
                            pair.near().admin().account(), each.id().value(), each.secret(), UUID.randomUUID(), 0));
            connectors.add(connector.registered());
            connector.answering(request -> {
                if (!request.path.equals("/hangs")) {
                    request.answer(200, "ok");
                }
            });
        }
        await().until(() -> status(pair.near(), HOST) == 200 && status(pair.near(), OTHER) == 200);
    }

    @AfterEach
    void disconnect() throws InterruptedException {
        isOver.set(true);
        for (Thread each : attackers) {
            each.join();
        }
        TunnelDirectory held = pair.far().context().getBean(TunnelDirectory.class);
        await("nothing to be left of what was asked").until(() -> held.all().allMatch(each -> each.outstanding() == 0));
        assertThat(connectors).allSatisfy(each -> assertThat(each.closed()).isNotDone());
        connectors.forEach(TestConnector::close);
        await().until(() -> status(pair.near(), HOST) == 530 && status(pair.near(), OTHER) == 530);
    }

    private static int status(TestServer server, String host) {
        return RawHttp.exchange(server.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                .status();
    }

    private static int port() {
        return pair.far().context().getBean(ReplicaExchange.class).port();
    }

    /** Connects from an address of its own, so that an honest replica is another source. */
    private static Socket from(String source) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port(), InetAddress.getByName(source), 0);
    }

    private static RawHttp2 replica() throws Exception {
        return RawHttp2.over(HeldCertificate.fresh(authority)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port()));
    }

    /** It tries again at once, as a handshake has three seconds, which a busy machine may exceed. */
    private static void assertThatAReplicaGetsInAndIsServed() throws Exception {
        RawHttp2.@Nullable Outcome outcome = null;
        for (int i = 0; i < 3 && !(outcome instanceof RawHttp2.Outcome.Answered); i++) {
            try (RawHttp2 honest = replica()) {
                outcome = honest.request(1, true, fields(other, "/")).outcome(1);
            }
        }
        assertThat(outcome).isInstanceOf(RawHttp2.Outcome.Answered.class);
    }

    private static void assertThatVisitorsAreServed() {
        assertThat(status(pair.near(), OTHER)).as("forwarded").isEqualTo(200);
        assertThat(status(pair.far(), OTHER)).as("of its own").isEqualTo(200);
        assertThat(status(pair.far(), "nobody.localhost"))
                .as("without a tunnel")
                .isEqualTo(404);
    }

    private static String[] fields(ReplicaPair.Tunnel to, String path) {
        return new String[] {
            ":method",
            "GET",
            ":scheme",
            "http",
            ":authority",
            "port.localhost",
            ":path",
            path,
            ForwardedCodec.TUNNEL,
            to.id().value().toString()
        };
    }

    @Test
    void do04StrangersWhoHoldMoreThanThePortTakesKeepNoReplicaOut() throws Exception {
        int links = pair.far().context().getBean(TunnelRoom.class).links();
        byte[] beginning = {22, 3, 1, 2, 0, 1, 0}; // of a ClientHello, whose rest never comes
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < links + links / 2; i++) {
                Socket socket = from("127.0.0.2");
                held.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream().write(beginning);
                }
            }
            assertThatAReplicaGetsInAndIsServed();
            assertThatVisitorsAreServed();
        } finally {
            for (Socket each : held) {
                each.close();
            }
        }
    }

    @Test
    void do04OneAddressThatBeginsTooManyHandshakesGetsNoMoreAndOthersDo() throws Exception {
        SSLContext nobody = SSLContext.getInstance("TLSv1.3");
        nobody.init(null, TrustEverybody.MANAGERS, new SecureRandom());
        int most = 4 * Newcomers.MOST_OF_ONE_SOURCE;
        int begun = 0;
        while (begun < most && isGreeted(nobody, "127.0.0.3")) {
            for (int i = 0; i < 100; i++) {
                from("127.0.0.3").close();
            }
            begun += 101;
        }
        assertThat(begun).as("handshakes of one address").isLessThan(most);
        assertThatAReplicaGetsInAndIsServed();
        assertThatVisitorsAreServed();
    }

    /** Whether a stranger gets as far as a handshake. That it is refused for want of a certificate is said after it (TLS 1.3). */
    private static boolean isGreeted(SSLContext tls, String source) throws IOException {
        try (Socket socket = from(source);
                SSLSocket secure =
                        (SSLSocket) tls.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true)) {
            secure.setSoTimeout(30_000);
            secure.startHandshake();
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void b7StrangersWithoutCertificateKeepNobodyBusy() throws Exception {
        SSLContext nobody = SSLContext.getInstance("TLSv1.3");
        nobody.init(null, TrustEverybody.MANAGERS, new SecureRandom());
        assertServedDuring(() -> isGreeted(nobody, "127.0.0.4"));
    }

    @Test
    void b7HoldersOfACertificateWhoFloodALinkKeepNobodyBusy() throws Exception {
        byte[] pings = RawHttp2.repeated(RawHttp2.framed(RawHttp2.PING, 0, 0, new byte[8]), 2_000);
        byte[] settings = RawHttp2.repeated(RawHttp2.framed(RawHttp2.SETTINGS, 0, 0, new byte[0]), 2_000);
        ByteArrayOutputStream resets = new ByteArrayOutputStream();
        ByteArrayOutputStream heads = new ByteArrayOutputStream();
        byte[] block = RawHttp2.block(List.of(fields(tunnel, "/hangs")));
        for (int i = 0; i < TunnelConnection.MOST_STREAMS + 100; i++) {
            byte[] head =
                    RawHttp2.framed(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 2 * i + 1, block);
            heads.writeBytes(head);
            resets.writeBytes(head);
            resets.writeBytes(RawHttp2.framed(RawHttp2.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
        }
        assertServedDuring(
                () -> flood(pings),
                () -> flood(settings),
                () -> flood(resets.toByteArray()),
                () -> flood(heads.toByteArray()));
    }

    private static boolean flood(byte[] what) throws Exception {
        try (RawHttp2 link = replica()) {
            link.bytes(what);
            return link.frame(RawHttp2.PING, 0, 0, new byte[8]).next() != null;
        }
    }

    /** One round of an attack. */
    private interface Round {
        boolean run() throws Exception;
    }

    /** Each attack goes on, round after round, before, while and after honest requests are answered. */
    private void assertServedDuring(Round... attacks) throws Exception {
        List<AtomicInteger> rounds = new ArrayList<>();
        for (Round attack : attacks) {
            AtomicInteger done = new AtomicInteger();
            rounds.add(done);
            attackers.add(Thread.ofPlatform().start(() -> {
                while (!isOver.get()) {
                    try {
                        attack.run();
                        done.incrementAndGet();
                    } catch (Exception e) {
                        throw new IllegalStateException("the attack itself fails", e);
                    }
                }
            }));
        }
        for (int i = 0; i < 5; i++) {
            List<Integer> before = rounds.stream().map(AtomicInteger::get).toList();
            await("another round of each attack").atMost(60, TimeUnit.SECONDS).until(() -> {
                for (int each = 0; each < before.size(); each++) {
                    if (rounds.get(each).get() == before.get(each)) {
                        return false;
                    }
                }
                return true;
            });
            assertThatVisitorsAreServed();
            assertThatAReplicaGetsInAndIsServed();
        }
        isOver.set(true);
    }
}
