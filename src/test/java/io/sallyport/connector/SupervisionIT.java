package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.RegistrationResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a connector's connections, against an edge that a test can break. */
class SupervisionIT {
    @TempDir
    private Path directory;

    private final TestAuthority authority = new TestAuthority("edge");
    private RecordingOrigin origin;
    private Path ca;
    private TestEdge edge;
    private Connector connector;

    @BeforeEach
    void start() throws Exception {
        origin = RecordingOrigin.start();
        ca = Files.writeString(directory.resolve("ca.pem"), authority.pem());
        edge = TestEdge.start(authority);
    }

    @AfterEach
    void stop() {
        if (connector != null) {
            connector.stop(Duration.ZERO).join();
        }
        edge.close();
        origin.close();
    }

    @ParameterizedTest
    @EnumSource
    void theRegistrationSaysWhoItIs(Protocol protocol) throws Exception {
        run(protocol);
        var call = edge.link().registration;
        assertThat(call.tunnelId()).isEqualTo(ConnectorIT.CREDENTIALS.tunnelId());
        assertThat(call.auth().accountTag()).isEqualTo("acct-1");
        assertThat(call.auth().secret()).isEqualTo(ConnectorIT.CREDENTIALS.secret());
        assertThat(call.connIndex()).isZero();
        assertThat(call.options().clientId()).isEqualTo(connector.id());
        assertThat(call.options().features()).contains("allow_remote_config", "serialized_headers");
        assertThat(call.options().arch()).contains("_");
        connector.whenReady().orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(connector.readyConnections()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void remoteRulesAreAppliedByVersionAndTheOldOnesSurviveAnError(Protocol protocol) throws Exception {
        run(protocol);
        TestEdge.Link link = edge.link();
        assertThat(link.push(3, "{\"ingress\":[{\"service\":\"http_status:418\"}]}"))
                .contains("3");
        assertThat(link.get("/").head().status()).isEqualTo(418);
        assertThat(link.push(2, "{\"ingress\":[{\"service\":\"http_status:419\"}]}"))
                .contains("3");
        assertThat(link.get("/").head().status()).isEqualTo(418);
        assertThat(link.push(4, "{\"ingress\":[{\"service\":\"nonsense\"}]}")).contains("3", "invalid address");
        assertThat(link.push(5, "{\"ingress\":[{\"service\":\"bastion\"}]}")).contains("3", "not allowed");
        assertThat(link.get("/").head().status()).isEqualTo(418);
        assertThat(connector.configuration().version()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void localRulesAreShownToTheEdgeAndReloadedWithoutBreakingAStream(Protocol protocol) throws Exception {
        edge.registrar = call -> new RegistrationResult.Registered(UUID.randomUUID(), "TEST", false);
        CountDownLatch reloaded = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/long"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nbefore".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            try {
                reloaded.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write("after".getBytes(StandardCharsets.US_ASCII));
            return false;
        });
        run(protocol);
        TestEdge.Link link = edge.link();
        assertThat(edge.upload()).contains(origin.uri().toString());
        EdgeStream stream = link.get("/long");
        stream.read(6);
        ConnectorFile file = ConnectorFile.parse(Path.of("new.yml"), "ingress: [{service: http_status:410}]");
        connector.reload(Configuration.local(file.ingress(), file, Map.of()));
        assertThat(link.get("/").head().status()).isEqualTo(410);
        assertThat(edge.upload()).contains("http_status:410");
        reloaded.countDown();
        assertThat(stream.text()).isEqualTo("after");
    }

    @ParameterizedTest
    @EnumSource
    void r32ALostConnectionComesBack(Protocol protocol) throws Exception {
        run(protocol);
        edge.link().close();
        TestEdge.Link again = edge.link();
        assertThat(again.get("/").head().status()).isEqualTo(200);
    }

    /** A stream that was never opened is idle, and nothing but its opening may happen to it (RFC 9113 §5.1): data, a reset, room. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000040000000000ff00000000",
                "0000040300000000ff00000008",
                "0000040800000000ff00000001",
                "00000400000000000400000000"
            })
    void aFrameOnAStreamThatNobodyOpenedEndsTheConnection(String frame) throws Exception {
        run(Protocol.HTTP2);
        TestEdge.Link link = edge.link();
        link.raw(HexFormat.of().parseHex(frame));
        await().until(() -> !link.isOpen());
        assertThat(edge.link().get("/").head().status()).isEqualTo(200);
    }

    /** Several times, because in one of seven the registration's answer and the connection's end come in one read. */
    @RepeatedTest(8)
    void r32AnEdgeThatRestartsIsFoundSoon() throws Exception {
        run(Protocol.HTTP2);
        edge.link();
        int port = edge.port();
        edge.close();
        await().until(() -> connector.readyConnections() == 0);
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        edge = TestEdge.start(port, authority, true);
        edge.link();
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(6)));
    }

    /** A QUIC connection would have been silent for five seconds by its own measure; the system says sooner that nobody is there. */
    @ParameterizedTest
    @EnumSource
    void r32AnEdgeThatWasKilledIsMissedAndFoundAgain(Protocol protocol) throws Exception {
        run(protocol);
        edge.link();
        await().until(() -> connector.readyConnections() == 1);
        int port = edge.port();
        edge.kill();
        await().atMost(Duration.ofSeconds(20)).until(() -> connector.readyConnections() == 0);
        edge = TestEdge.start(port, authority, true);
        assertThat(edge.link().get("/").head().status()).isEqualTo(200);
    }

    /** Neither transport reaches an edge that restarts, which says nothing about UDP. */
    @Test
    void r36AnEdgeThatRestartsIsNoNetworkWithoutUdp() throws Exception {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        run(null, new PrintStream(log, true));
        assertThat(edge.link().protocol()).isEqualTo(Protocol.QUIC);
        int port = edge.port();
        edge.kill();
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        log.toString(StandardCharsets.UTF_8).split("nothing listens there over UDP", -1).length > 4);
        edge = TestEdge.start(port, authority, true);
        assertThat(edge.link().protocol()).isEqualTo(Protocol.QUIC);
        assertThat(log.toString(StandardCharsets.UTF_8))
                .doesNotContain("Switching")
                .contains("edge=127.0.0.1:" + port, "is the gateway running");
    }

    @Test
    void r36WithoutUdpHttp2IsUsedSoon() throws Exception {
        edge.close();
        edge = TestEdge.start(0, authority, false);
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        run(null);
        assertThat(edge.link().protocol()).isEqualTo(Protocol.HTTP2);
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(12)));
    }

    /** Two seconds of silence are waited for and printed; a busy machine gets more before this fails. */
    @Test
    void r36WhereUdpIsSwallowedHttp2IsUsedLongBeforeQuicGivesUpAndTheLogSaysWhy() throws Exception {
        edge.close();
        edge = TestEdge.start(0, authority, false);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        TestEdge.Link first;
        try (DatagramSocket hole = new DatagramSocket(edge.port(), InetAddress.getLoopbackAddress())) {
            BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
            run(null, new PrintStream(log, true));
            first = edge.link();
            assertThat(first.protocol()).isEqualTo(Protocol.HTTP2);
            Duration took = watch.took();
            assertThat(took).isBetween(EdgeDial.SILENCE, watch.allowing(Duration.ofSeconds(7)));
            assertThat(hole.getLocalPort()).isEqualTo(edge.port());
        }
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("Switching to fallback protocol http2")
                .contains("nothing answered over UDP for 2 s, but the edge answered over TCP")
                .containsOnlyOnce("Switching");
        first.close();
        assertThat(edge.link().protocol()).as("no flapping").isEqualTo(Protocol.HTTP2);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void quicAloneIsWaitedForWhenNothingElseIsAllowed() throws Exception {
        edge.close();
        edge = TestEdge.start(0, authority, false);
        run(Protocol.QUIC);
        await().during(Duration.ofSeconds(4)).until(() -> !edge.hasNewLink());
    }

    @Test
    void whereUdpWorksQuicIsUsed() throws Exception {
        run(null);
        assertThat(edge.link().protocol()).isEqualTo(Protocol.QUIC);
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void aQuietConnectionStaysOpen(Protocol protocol) throws Exception {
        run(protocol);
        TestEdge.Link link = edge.link();
        await().during(Duration.ofSeconds(7)).until(link::isOpen);
        assertThat(link.get("/").head().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void r33AGracefulEndLetsRunningRequestsFinish(Protocol protocol) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        origin.answer(request -> request.target().equals("/running"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            try {
                go.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write(" last".getBytes(StandardCharsets.US_ASCII), 0, 5);
            return false;
        });
        run(protocol);
        TestEdge.Link link = edge.link();
        EdgeStream stream = link.get("/running");
        stream.read(5);
        CompletableFuture<Void> stopped = connector.stop(Duration.ofSeconds(20));
        link.unregistered.orTimeout(15, TimeUnit.SECONDS).join();
        assertThat(stopped).isNotDone();
        go.countDown();
        assertThat(stream.text()).isEqualTo(" last");
        stopped.orTimeout(15, TimeUnit.SECONDS).join();
    }

    @ParameterizedTest
    @EnumSource
    void r33AnIdleConnectorEndsAtOnce(Protocol protocol) throws Exception {
        run(protocol);
        edge.link();
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        connector.stop(Duration.ofSeconds(20)).join();
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(3)));
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalThatCannotChangeEndsTheConnectorWithItsReason(Protocol protocol) {
        edge.registrar =
                call -> new RegistrationResult.Refused("Unauthorized: no such tunnel", Duration.ofSeconds(1), false);
        run(protocol);
        assertThat(connector.whenEnded().orTimeout(30, TimeUnit.SECONDS).join())
                .isEqualTo("Unauthorized: no such tunnel");
    }

    @ParameterizedTest
    @EnumSource
    void anyOtherRefusalIsTriedAgain(Protocol protocol) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        edge.registrar = call -> calls.incrementAndGet() < 3
                ? new RegistrationResult.Refused("Unauthorized: not now", Duration.ofMillis(10), true)
                : new RegistrationResult.Registered(UUID.randomUUID(), "TEST", true);
        run(protocol);
        assertThat(edge.link().registration.options().numPreviousAttempts()).isGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void tu01AnEdgeOfAnotherAuthorityIsToldNothing(Protocol protocol) throws Exception {
        ca = Files.writeString(directory.resolve("other.pem"), new TestAuthority("other").pem());
        assertNothingIsSaid(protocol);
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void tu01AnEdgeOfAnotherNameIsToldNothing(Protocol protocol) throws Exception {
        edge.close();
        edge = TestEdge.startAs(authority, "somebody.else.example");
        assertNothingIsSaid(protocol);
    }

    /** A process may be stopped at any moment; what was under way then is no error that somebody should look into. */
    @ParameterizedTest
    @EnumSource
    void whoStopsItDuringARegistrationIsToldOfNoError(Protocol protocol) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        edge.registrar = call -> {
            asked.countDown();
            return null;
        };
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        run(protocol, new PrintStream(log, true, StandardCharsets.UTF_8));
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        connector.stop(Duration.ZERO).join();
        assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("ERR");
    }

    private void assertNothingIsSaid(Protocol protocol) {
        AtomicBoolean asked = new AtomicBoolean();
        edge.registrar = call -> {
            asked.set(true);
            return new RegistrationResult.Registered(UUID.randomUUID(), "EVIL", true);
        };
        run(protocol);
        await().during(Duration.ofSeconds(3)).until(() -> !asked.get());
        assertThat(connector.readyConnections()).isZero();
    }

    private void run(Protocol protocol) {
        run(protocol, System.err);
    }

    private void run(Protocol protocol, PrintStream log) {
        connector = ConnectorIT.connector(
                edge.address(), ca, protocol, "ingress: [{service: '" + origin.uri() + "'}]", log);
        connector.start();
    }
}
