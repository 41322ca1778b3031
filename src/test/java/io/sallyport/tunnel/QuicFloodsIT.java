package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.testkit.RawQuic;
import io.sallyport.testkit.RawQuic.Permission;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What somebody without credentials does at the UDP port with packets made by hand (TU-03, TU-08), while a connector comes and goes. */
class QuicFloodsIT extends OneWorld {
    private static final int CRYPTO = 6;
    private static final int PING = 1;
    /** Before the edge's patience with a handshake ends. */
    private static final Duration EARLY = Duration.ofSeconds(8);

    @AfterEach
    void aConnectorIsServed() {
        world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
        world.disconnect();
        await().atMost(Duration.ofSeconds(20)).until(() -> world.server.open() == 0);
    }

    /** A frame of one octet of a handshake. */
    private static byte[] octet(int offset) {
        return new byte[] {
            CRYPTO, (byte) (0x80 | offset >> 24), (byte) (offset >> 16), (byte) (offset >> 8), (byte) offset, 1, 0
        };
    }

    /** Sends every other octet of a handshake, its first one never. */
    private static void pieces(RawQuic client, Permission permission, int packets) {
        int offset = 1;
        for (int i = 0; i < packets; i++) {
            ByteBuffer frames = ByteBuffer.allocate(1_050);
            while (frames.remaining() > octet(0).length) {
                frames.put(octet(offset));
                offset = (offset + 2) % (60 << 10) | 1;
            }
            paced(client, client.initial(permission, frames.array()));
        }
    }

    /** No faster than a socket takes it. */
    private static void paced(RawQuic client, byte[] packet) {
        client.send(packet);
        LockSupport.parkNanos(2_000_000);
    }

    @Test
    void tu08WhatIsNoHandshakeButInPiecesIsNotKeptForLong() {
        try (RawQuic client = new RawQuic(world.server.port())) {
            Permission permission = client.permission();
            client.send(client.initial(permission, octet(1)));
            await().until(() -> world.server.open() == 1);
            pieces(client, permission, 2 * FirstWords.MOST / RawQuic.SHORTEST);
            assertEndsEarly(client, permission);
        }
    }

    /** However lively it stays: whoever falls silent is gone in five seconds anyway. */
    private static void assertEndsEarly(RawQuic client, Permission permission) {
        long begun = System.nanoTime();
        await().pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(30))
                .until(() -> {
                    if (world.server.open() == 0) {
                        return true; // before anything is sent that would begin another connection
                    }
                    for (int i = 0; i < 10; i++) {
                        client.send(client.initial(permission, new byte[] {PING}));
                    }
                    return false;
                });
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(EARLY);
    }

    @Test
    void tu08PingsWithoutAHandshakeAreHeardOnlySoOften() {
        try (RawQuic client = new RawQuic(world.server.port())) {
            Permission permission = client.permission();
            byte[] pings = new byte[1_000];
            Arrays.fill(pings, (byte) PING);
            client.send(client.initial(permission, pings));
            await().until(() -> world.server.open() == 1);
            for (int i = 0; i < 2 * FirstWords.MOST / RawQuic.SHORTEST; i++) {
                paced(client, client.initial(permission, pings));
            }
            assertEndsEarly(client, permission);
        }
    }

    static Stream<Arguments> frames() {
        return Stream.of(
                Arguments.of("a handshake of more than 64 KiB", octet(70_000)),
                Arguments.of("a stream", new byte[] {0x0a, 0, 1, 0}),
                Arguments.of(
                        "a new connection id",
                        ByteBuffer.allocate(28).put(new byte[] {0x18, 1, 0, 8}).array()),
                Arguments.of("a connection id retired", new byte[] {0x19, 0}),
                Arguments.of("a path to be proven", new byte[] {0x1a, 1, 2, 3, 4, 5, 6, 7, 8}),
                Arguments.of("more data allowed", new byte[] {0x10, 1}),
                Arguments.of("an answer to what was never sent", new byte[] {2, 0x44, 0, 0, 0, 0}),
                Arguments.of("a frame that there is not", new byte[] {0x21}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void tu08WhatDoesNotBelongInAFirstPacketEndsItsConnection(String what, byte[] frames) {
        try (RawQuic client = new RawQuic(world.server.port())) {
            Permission permission = client.permission();
            client.send(client.initial(permission, frames));
            client.send(client.initial(permission, frames));
            await(what).atMost(EARLY).until(() -> world.server.open() == 0);
        }
    }

    @Test
    void tu08ATokenIsWorthNothingToAnotherAddress() {
        try (RawQuic client = new RawQuic(world.server.port());
                RawQuic thief = new RawQuic(world.server.port()).patience(500)) {
            Permission permission = client.permission();
            thief.send(thief.initial(permission, new byte[] {PING}));
            assertThat(thief.answer()).isEmpty();
            assertThat(world.server.open()).isZero();
            client.send(client.initial(permission, new byte[] {PING}));
            await().until(() -> world.server.open() == 1);
        }
    }

    /** The codec copies twenty octets of it, whatever there are. */
    @Test
    void tu08AShortConnectionIdWithAGenuineTokenIsNoConnectionAndNoNoise() {
        try (RawQuic client = new RawQuic(world.server.port()).patience(500);
                Log log = new Log()) {
            Permission permission = client.permission();
            for (int length : new int[] {0, 8, 19}) {
                client.send(
                        client.initial(new Permission(permission.token(), RawQuic.random(length)), new byte[] {PING}));
            }
            assertThat(client.answer()).isEmpty();
            assertThat(world.server.open()).isZero();
            assertThat(log.warnings()).isEmpty();
        }
    }

    /** Whoever has a short packet answered with a reset would have us send it to whom it likes (RFC 9000 §10.3). */
    @Test
    void tu08PacketsOfConnectionsThatThereAreNotAreNotAnswered() {
        try (RawQuic client = new RawQuic(world.server.port()).patience(500);
                Log log = new Log()) {
            for (int first : new int[] {0x40, 0x5f, 0x00, 0xe3, 0xd3, 0xff}) {
                for (int length : new int[] {1, 20, 60, RawQuic.SHORTEST}) {
                    byte[] packet = RawQuic.random(length);
                    packet[0] = (byte) first;
                    if (first >= 0xc0 && length > 5) {
                        ByteBuffer.wrap(packet).putInt(1, 1);
                    }
                    client.send(packet);
                }
            }
            assertThat(client.answer()).isEmpty();
            assertThat(world.server.open()).isZero();
            assertThat(log.warnings()).isEmpty();
        }
    }

    @Test
    void tu03ManyHalfHandshakesOfOneSourceLeaveRoomForOthersAndAreOverInTime() {
        int many = 300;
        try (RawQuic client = new RawQuic(world.server.port())) {
            Permission permission = client.permission();
            for (int i = 0; i < many; i++) {
                client.send(client.initial(RawQuic.another(permission), new byte[] {PING}));
            }
            await().until(() -> world.server.open() > many / 2);
            world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
            await().atMost(Duration.ofSeconds(20)).until(() -> world.server.open() <= 1);
        }
    }

    /** What the edge and its QUIC say meanwhile, and not what other servers of this JVM do. */
    private static final class Log implements AutoCloseable {
        private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

        Log() {
            appender.list = new CopyOnWriteArrayList<>(); // it is read while others write
            appender.start();
            root.addAppender(appender);
        }

        List<String> warnings() {
            return List.copyOf(appender.list).stream()
                    .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .filter(event -> event.getLoggerName().startsWith("io.netty.")
                            || event.getLoggerName().startsWith(QuicFloodsIT.class.getPackageName())
                                    && !event.getLoggerName().equals(LedgerKeeper.class.getName()))
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }

        @Override
        public void close() {
            root.detachAppender(appender);
        }
    }
}
