package io.sallyport.tunnel;

import static io.sallyport.testkit.RawHttp2.framed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.quic.QuicTransportParameters;
import io.netty.util.concurrent.Future;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.Heap;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.tunnel.wire.ConnectionOptions;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.StreamCredit;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.TunnelAuth;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connectors come, are let in or not, get their rules, and go; and what is done to those that misbehave. */
class TunnelServerIT extends OneWorld {
    private static final Duration SOON = Duration.ofSeconds(30);
    /** Sooner than who does not register is gone anyway. */
    private static final Duration EARLY = Duration.ofSeconds(4);

    /** The first stream that the edge opens over HTTP/2. */
    private static final int CONTROL = 3;

    private static Claim with(Claim claim, byte[] secret) {
        return new Claim(claim.account(), claim.tunnel(), secret, claim.client(), claim.index());
    }

    @ParameterizedTest
    @EnumSource
    void aConnectorThatKnowsTheSecretIsLetIn(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        RegistrationResult.Registered registered =
                (RegistrationResult.Registered) world.dial(protocol, claim).registration();

        assertThat(registered.location()).isEqualTo("TEST");
        assertThat(registered.isRemotelyManaged()).isFalse();
        TunnelConnection connection = world.only(claim);
        assertThat(connection.id()).isEqualTo(registered.connectionId());
        assertThat(connection.client()).isEqualTo(claim.client());
        assertThat(connection.protocol()).isEqualTo(protocol);
        assertThat(connection.version()).isEqualTo("test");
        assertThat(connection.remoteAddress()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @EnumSource
    void tu01NobodyElseIsAndAllHearTheSame(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        Claim other = world.tunnel();
        List<Claim> wrong = List.of(
                with(claim, new byte[32]),
                with(claim, new byte[0]),
                with(claim, other.secret()),
                new Claim(claim.account(), UUID.randomUUID(), claim.secret(), claim.client(), 0),
                new Claim("1".repeat(32), claim.tunnel(), claim.secret(), claim.client(), 0));
        for (Claim each : wrong) {
            TestConnector connector = world.dial(protocol, each);
            RegistrationResult.Refused refused = (RegistrationResult.Refused) connector.registration();
            assertThat(refused.cause()).isEqualTo("Unauthorized: Invalid tunnel secret");
            assertThat(connector.closed())
                    .as("the edge closes, as cloudflared needs")
                    .succeedsWithin(SOON);
        }
        assertThat(world.connections(claim)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aNewConnectionTakesThePlaceOfTheOldOne(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector old = world.dial(protocol, claim).registered();
        world.dial(protocol, claim).registered();
        assertThat(old.closed()).succeedsWithin(SOON);
        assertThat(world.connections(claim)).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void tu02AClientIdCopiedFromAnotherTunnelEvictsNobody(TunnelProtocol protocol) {
        Claim victim = world.tunnel();
        TestConnector honest = world.dial(protocol, victim).registered();
        Claim own = world.tunnel();
        world.dial(protocol, new Claim(own.account(), own.tunnel(), own.secret(), victim.client(), victim.index()))
                .registered();
        assertThat(world.connections(victim)).isOne();
        assertThat(honest.closed()).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void tu03TheOldSecretOpensNothingAfterRotationAndLiveConnectionsStay(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector live = world.dial(protocol, claim).registered();
        byte[] next = "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
        world.grant(claim.tunnel(), next, false, 0, null);
        assertThat(world.dial(protocol, claim).registration()).isInstanceOf(RegistrationResult.Refused.class);
        assertThat(live.closed()).isNotDone();
        world.dial(protocol, with(claim, next)).registered();
    }

    @ParameterizedTest
    @EnumSource
    void tu02WhatAConnectorSaysOfItselfIsCutAndCleanedBeforeAnybodyKeepsIt(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.silent(protocol, claim);
        await().until(() -> canControl(connector));
        connector.call(new ControlCall.Register(
                new TunnelAuth(claim.account(), new TunnelSecret(claim.secret())),
                claim.tunnel(),
                0,
                new ConnectionOptions(
                        claim.client(),
                        List.of("a\0b", "x".repeat(5_000)),
                        "1\0\u001b[2J",
                        "ä".repeat(5_000),
                        new byte[0],
                        false,
                        0,
                        0)));
        await().until(() -> world.connections(claim) == 1);
        TunnelConnection connection = world.only(claim);
        assertThat(connection.version()).isEqualTo("1??[2J");
        assertThat(connection.arch()).isEqualTo("?".repeat(128));
        assertThat(connection.features()).containsExactly("a?b", "x".repeat(128));
    }

    @ParameterizedTest
    @EnumSource
    void aDeletedTunnelLosesItsConnections(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector live = world.dial(protocol, claim).registered();
        world.delete(claim.tunnel());
        assertThat(live.closed()).succeedsWithin(SOON);
    }

    @ParameterizedTest
    @EnumSource
    void remoteConfigurationArrivesAfterRegistrationAndAtEveryChange(TunnelProtocol protocol)
            throws InterruptedException {
        Claim claim = world.tunnel();
        String first = "{\"ingress\":[{\"service\":\"http_status:404\"}]}";
        String second = "{\"ingress\":[{\"service\":\"http_status:503\"}],\"note\":\"ä\"}";
        world.grant(claim.tunnel(), claim.secret(), true, 3, first);
        TestConnector connector = world.dial(protocol, claim).registered();
        assertThat(((RegistrationResult.Registered) connector.registration()).isRemotelyManaged())
                .isTrue();
        assertThat(connector.configuration()).isEqualTo("3:" + first);
        world.grant(claim.tunnel(), claim.secret(), true, 3, first);
        world.grant(claim.tunnel(), claim.secret(), true, 4, second);
        assertThat(connector.configuration()).isEqualTo("4:" + second);
        await().until(() -> world.applied.getOrDefault(world.only(claim).id(), 0) == 4);
    }

    @ParameterizedTest
    @EnumSource
    void localConfigurationIsKeptForDisplay(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(protocol, claim).registered();
        byte[] json = ("{\"ingress\":[],\"filler\":\"" + "x".repeat(200_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        assertThat(connector.call(new ControlCall.LocalConfiguration(json)))
                .succeedsWithin(SOON)
                .isInstanceOf(RpcConnection.Answer.Results.class);
        assertThat(world.local.get(world.only(claim).id())).isEqualTo(new String(json, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void r33UnregisteringStopsRoutingAndClosesWhenIdle(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(protocol, claim).registered();
        TunnelConnection connection = world.only(claim);
        assertThat(connector.call(new ControlCall.Unregister())).succeedsWithin(SOON);
        assertThat(connection.isUsable()).isFalse();
        connector.goodbye();
        assertThat(connector.closed()).succeedsWithin(SOON);
    }

    /** A request has minutes to finish; a connection that has ended is not kept for that long. */
    @ParameterizedTest
    @EnumSource
    void r33NothingIsKeptOfAConnectionThatUnregisteredAndEnded(TunnelProtocol protocol) {
        long before = Heap.count(TunnelConnection.class.getName());
        for (int i = 0; i < 20; i++) {
            TestConnector connector = world.dial(protocol, world.tunnel()).registered();
            assertThat(connector.call(new ControlCall.Unregister())).succeedsWithin(SOON);
            connector.goodbye();
            assertThat(connector.closed()).succeedsWithin(SOON);
        }
        await().untilAsserted(() ->
                assertThat(Heap.count(TunnelConnection.class.getName())).isLessThan(before + 10));
    }

    /** Each preview of a change may have a tunnel of its own. */
    @ParameterizedTest
    @EnumSource
    void theFiguresOfADeletedTunnelGoWithIt(TunnelProtocol protocol) {
        Claim kept = world.tunnel();
        world.dial(protocol, kept).registered();
        Claim deleted = world.tunnel();
        TestConnector connector = world.dial(protocol, deleted).registered();
        assertThat(world.measured(deleted)).isPositive();
        world.delete(deleted.tunnel());
        assertThat(connector.closed()).succeedsWithin(SOON);
        await().untilAsserted(() -> assertThat(world.measured(deleted)).isZero());
        assertThat(world.measured(kept)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void r33ARunningRequestMayFinishAfterUnregistering(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(protocol, claim).registered();
        Channel stream = world.open(claim, new Nobody());
        assertThat(connector.call(new ControlCall.Unregister())).succeedsWithin(SOON);
        connector.goodbye();
        await().during(Duration.ofMillis(500)).until(() -> !connector.closed().isDone());
        stream.close();
        assertThat(connector.closed()).succeedsWithin(SOON);
    }

    @Test
    void tu03PlainHttpIsNoWayIn() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/");
        }
    }

    @ParameterizedTest
    @EnumSource
    void tu12ARegistrationOfMoreThan64KiBEndsTheConnection(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.silent(protocol, claim);
        await().until(() -> canControl(connector));
        byte[] announced = Unpooled.buffer()
                .writeIntLE(0)
                .writeIntLE(64 * 1024 / 8 + 1)
                .writeZero(16)
                .array();
        connector.control(announced);
        assertThat(connector.closed()).succeedsWithin(EARLY);
    }

    private static boolean canControl(TestConnector connector) {
        try {
            connector.control(new byte[0]);
            return true;
        } catch (NullPointerException notYet) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void tu04CallsOutOfOrderEndTheConnection(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector twice = world.dial(protocol, claim).registered();
        twice.call(new ControlCall.Register(
                new TunnelAuth(claim.account(), new TunnelSecret(claim.secret())),
                claim.tunnel(),
                1,
                new ConnectionOptions(claim.client(), List.of(), "x", "x", new byte[0], false, 0, 0)));
        assertThat(twice.closed()).succeedsWithin(SOON);

        TestConnector early = world.silent(protocol, claim);
        await().until(() -> canControl(early));
        early.call(new ControlCall.Unregister());
        assertThat(early.closed()).succeedsWithin(EARLY);
    }

    @Test
    void tu04AStreamThatOnlyTheEdgeMayOpenEndsTheQuicConnection() {
        Claim claim = world.tunnel();
        for (byte[] head : List.of(signature(StreamSignature.DATA), new byte[] {1, 2, 3, 4, 5, 6, 7, 8})) {
            TestConnectorQuic connector =
                    (TestConnectorQuic) world.dial(TunnelProtocol.QUIC, claim).registered();
            connector.side(head);
            assertThat(connector.closed()).succeedsWithin(SOON);
        }
    }

    /** A bound on all streams together would be used up by stalled readers, whose visitors nobody chooses. */
    @Test
    void tu06ReadersOfAQuicConnectionShareNoCredit() {
        TestConnectorQuic connector = (TestConnectorQuic)
                world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
        QuicTransportParameters edge = connector.connection().peerTransportParameters();
        assertThat(edge.initialMaxData()).isEqualTo(StreamCredit.OF_A_CONNECTION);
        assertThat(edge.initialMaxStreamDataBidiLocal()).isLessThanOrEqualTo(512 << 10);
    }

    @Test
    void aSideStreamOfRpcIsAnsweredAndHarmless() {
        TestConnectorQuic connector = (TestConnectorQuic)
                world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
        connector.side(signature(StreamSignature.RPC));
        await().during(Duration.ofMillis(500)).until(() -> !connector.closed().isDone());
    }

    private static byte[] signature(StreamSignature signature) {
        ByteBuf bytes = Unpooled.buffer();
        signature.write(bytes);
        return ByteBufUtil.getBytes(bytes);
    }

    static Stream<Arguments> attacks() {
        byte[] headers = {(byte) 0x88}; // :status 200 from the static table
        return Stream.of(
                Arguments.of("tu04 headers on a stream of the connector's own", framed(1, 0x4, 2, headers), 1),
                Arguments.of("tu04 headers on a stream nobody opened", framed(1, 0x4, 101, headers), 1),
                Arguments.of("tu04 data on a stream nobody opened", framed(0, 0x1, 101, new byte[4]), 1),
                Arguments.of(
                        "tu04 data on a stream that only the connector could open", framed(0, 0x1, 4, new byte[4]), 1),
                Arguments.of("tu04 room on a stream nobody opened", framed(8, 0, 101, new byte[] {0, 0, 0, 1}), 1),
                Arguments.of("tu04 a push", framed(5, 0x4, CONTROL, new byte[] {0, 0, 0, 2, (byte) 0x82}), 1),
                Arguments.of("tu04 a reset of a stream nobody opened", framed(3, 0, 101, new byte[4]), 1),
                Arguments.of("tu07 pings", framed(6, 0, 0, new byte[8]), 5_000),
                Arguments.of("tu07 ping answers", framed(6, 1, 0, new byte[8]), 5_000),
                Arguments.of("tu07 settings", framed(4, 0, 0, new byte[0]), 5_000),
                Arguments.of("tu07 empty data", framed(0, 0, CONTROL, new byte[0]), 5_000),
                Arguments.of("tu07 priorities", framed(2, 0, CONTROL, new byte[5]), 5_000),
                Arguments.of("tu07 unknown frames", framed(0x7f, 0, CONTROL, new byte[5]), 5_000),
                Arguments.of("tu07 headers without an end", framed(1, 0, CONTROL, headers), 1),
                Arguments.of("tu07 headers without an end, in large pieces", framed(1, 0, CONTROL, headers), 1),
                Arguments.of("tu07 headers that unpack to a hundred megabytes", framed(1, 0x4, CONTROL, bomb()), 1),
                Arguments.of("tu07 credit in crumbs", framed(8, 0, 0, new byte[] {0, 0, 0, 1}), 5_000),
                Arguments.of("tu07 a frame beyond the size we allow", framed(0, 0, CONTROL, new byte[40_000]), 1),
                Arguments.of("tu07 a window beyond all bounds", framed(8, 0, 0, new byte[] {0x7f, -1, -1, -1}), 2));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void tu07FramesThatDoNotBelongEndTheConnectionAndNoOther(String what, byte[] frame, int times) {
        Claim claim = world.tunnel();
        Claim neighbour = world.tunnel();
        TestConnector other = world.dial(TunnelProtocol.HTTP2, neighbour).registered();
        TestConnectorHttp2 connector =
                (TestConnectorHttp2) world.dial(TunnelProtocol.HTTP2, claim).registered();
        ByteBuf flood = Unpooled.buffer();
        for (int i = 0; i < times; i++) {
            flood.writeBytes(frame);
        }
        if (what.contains("without an end")) {
            for (int i = 0; i < 500; i++) {
                flood.writeBytes(framed(9, 0, CONTROL, new byte[what.contains("large pieces") ? 30_000 : 0]));
            }
        }
        connector.frames(ByteBufUtil.getBytes(flood));
        assertThat(connector.closed()).as(what).succeedsWithin(SOON);
        assertThat(other.closed()).isNotDone();
        assertThat(world.connections(neighbour)).isOne();
    }

    /** A field of four kilobytes, said once and then named again and again, an octet each time (HPACK, RFC 7541 §6). */
    private static byte[] bomb() {
        int value = 3_900;
        ByteBuf block = Unpooled.buffer()
                .writeByte(0x88)
                .writeByte(0x40)
                .writeByte(1)
                .writeByte('x')
                .writeByte(0x7f)
                .writeByte((value - 127) % 128 | 0x80)
                .writeByte((value - 127) / 128)
                .writeBytes("a".repeat(value).getBytes(StandardCharsets.US_ASCII));
        while (block.readableBytes() < 30_000) {
            block.writeByte(0x80 | 62);
        }
        return ByteBufUtil.getBytes(block);
    }

    @Test
    void r31ASilentQuicConnectorIsFoundWithinSixSeconds() {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(TunnelProtocol.QUIC, claim).registered();
        TunnelConnection connection = world.only(claim);
        CountDownLatch thaw = new CountDownLatch(1);
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        // A frozen process answers nothing and sends nothing again; merely not reading would leave its timers running.
        connector.connection().eventLoop().execute(() -> awaitUninterruptibly(thaw));
        try {
            await().until(() -> !connection.isUsable());
            assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(6)));
            await().untilAsserted(
                            () -> assertThat(world.reasons.get(connection.id())).isEqualTo("it fell silent"));
        } finally {
            thaw.countDown();
        }
    }

    @Test
    void aQuicConnectorThatSaidGoodbyeGetsNothingMoreWhileItsConnectionDrains() {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(TunnelProtocol.QUIC, claim).registered();
        TunnelConnection connection = world.only(claim);
        Channel stream = world.open(claim, new Nobody());
        AtomicBoolean isSpared = new AtomicBoolean();
        // On the connection's own loop: whatever happens there, a look comes before QUIC's timer for the end.
        Future<?> looking = stream.eventLoop()
                .scheduleAtFixedRate(
                        () -> isSpared.compareAndSet(false, stream.parent().isActive() && !connection.isUsable()),
                        0,
                        1,
                        TimeUnit.MILLISECONDS);
        connector.close();
        await().until(() -> world.connections(claim) == 0);
        looking.cancel(false);

        assertThat(isSpared).isTrue();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamWhoseConnectionEndsBeforeTheRequestSaysThatNothingWasSent(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        TestConnector connector = world.dial(protocol, claim).registered();
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Channel stream = (Channel) world.only(claim)
                .open(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        told.complete(cause);
                    }
                })
                .syncUninterruptibly()
                .getNow();
        connector.close();
        await().until(() -> world.connections(claim) == 0);
        stream.writeAndFlush(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"));
        assertThat(told)
                .succeedsWithin(SOON)
                .isInstanceOfSatisfying(
                        TunnelFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(TunnelFailure.Kind.NOT_SENT));
    }

    @ParameterizedTest
    @EnumSource
    void tu06StreamsOfAConnectionAreLimited(TunnelProtocol protocol) {
        Claim claim = world.tunnel();
        world.dial(protocol, claim).registered();
        TunnelConnection connection = world.only(claim);
        List<Future<? extends Channel>> streams = new ArrayList<>();
        for (int i = 0; i < TunnelConnection.MOST_STREAMS; i++) {
            streams.add(connection.open(new Nobody()));
        }
        streams.forEach(each -> assertThat(each.awaitUninterruptibly(30_000)).isTrue());
        Future<? extends Channel> oneMore = connection.open(new Nobody());
        assertThat(oneMore.awaitUninterruptibly().cause())
                .isInstanceOfSatisfying(
                        TunnelFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(TunnelFailure.Kind.NOT_SENT));
        streams.forEach(each -> ((Channel) each.getNow()).close());
        await().until(() -> connection.outstanding() == 0);
    }

    /** Reads nothing and minds nothing. */
    private static final class Nobody extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
