package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.QuicByHand;
import io.sallyport.testkit.TestConnector.Claim;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * TU-07, TU-08: what somebody does over QUIC who has shaken hands, with frames that no QUIC client sends, before and after registering,
 * while another connector stays.
 */
class QuicChurnIT extends BesideANeighbour {
    private static final Duration SOON = Duration.ofSeconds(4);
    private static final int FRAMES = 1_000;

    /** Frames of this type with these numbers (RFC 9000 §16, §19). */
    private static byte[] frame(int type, long... numbers) {
        ByteBuffer frame = ByteBuffer.allocate(8 * (numbers.length + 1)).put((byte) type);
        for (long number : numbers) {
            if (number < 64) {
                frame.put((byte) number);
            } else if (number < 1L << 30) {
                frame.putInt((int) (0x8000_0000L | number));
            } else {
                frame.putLong(0xc000_0000_0000_0000L | number);
            }
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    private static byte[] with(byte[] frame, int more) {
        return ByteBuffer.allocate(frame.length + more).put(frame).array();
    }

    private static byte[] newConnectionId(int sequence, int retirePriorTo) {
        byte[] frame = with(frame(0x18, sequence, retirePriorTo, 8), 24);
        ByteBuffer.wrap(frame).putInt(frame.length - 24, sequence).putInt(frame.length - 16, sequence);
        return frame;
    }

    static Stream<Arguments> breaches() {
        IntFunction<byte[]> token = i -> with(frame(0x07, 4), 4);
        return Stream.of(
                Arguments.of("a token for the edge", token),
                Arguments.of("the end of the handshake, said by the client", (IntFunction<byte[]>) i -> frame(0x1e)),
                Arguments.of("a datagram, which was not offered", (IntFunction<byte[]>) i -> with(frame(0x31, 8), 8)),
                Arguments.of("a frame that there is not", (IntFunction<byte[]>) i -> frame(0x21)),
                Arguments.of("more of a handshake than is kept", (IntFunction<byte[]>)
                        i -> with(frame(0x06, 1 << 20, 8), 8)),
                Arguments.of("the connection id in use retired", (IntFunction<byte[]>) i -> frame(0x19, 0)),
                Arguments.of("a connection id retired that there is not", (IntFunction<byte[]>) i -> frame(0x19, 77)),
                Arguments.of("connection ids without end", (IntFunction<byte[]>) i -> newConnectionId(1 + i, 0)),
                Arguments.of(
                        "an answer to what was never sent", (IntFunction<byte[]>) i -> frame(0x02, 1 << 25, 0, 0, 0)),
                Arguments.of(
                        "a stream beyond those allowed", (IntFunction<byte[]>) i -> with(frame(0x0a, 4_000, 4), 4)),
                Arguments.of("a stream of one direction", (IntFunction<byte[]>) i -> with(frame(0x0a, 2, 4), 4)),
                Arguments.of("a stream of the edge's", (IntFunction<byte[]>) i -> with(frame(0x0a, 401, 4), 4)),
                Arguments.of("a reset of a stream of the edge's", (IntFunction<byte[]>) i -> frame(0x04, 401, 0, 0)),
                Arguments.of("a stop of a stream of the edge's", (IntFunction<byte[]>) i -> frame(0x05, 401, 0)),
                Arguments.of("room on a stream of the edge's", (IntFunction<byte[]>) i -> frame(0x11, 401, 1_000)),
                Arguments.of("more streams than can be", (IntFunction<byte[]>) i -> frame(0x12, (1L << 60) + 1)),
                Arguments.of("more than a stream's window", (IntFunction<byte[]>)
                        i -> with(frame(0x0e, 0, 1 << 20, 4), 4)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaches")
    void tu08WhatBreaksTheRulesEndsTheConnectionOfWhoRegistered(String what, IntFunction<byte[]> frames) {
        Claim claim = world.tunnel();
        try (QuicByHand hand = QuicByHand.registered(world.server.port(), claim)) {
            hand.send(packet(frames, 0));
            await(what).atMost(SOON).until(() -> isGoneThoughLively(hand, () -> world.connections(claim) == 0));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaches")
    void tu08AndOfWhoDidNot(String what, IntFunction<byte[]> frames) {
        try (QuicByHand hand = QuicByHand.stranger(world.server.port(), world.tunnel())) {
            await().until(() -> world.server.open() == 2);
            hand.send(packet(frames, 0));
            await(what).atMost(SOON).until(() -> isGoneThoughLively(hand, () -> world.server.open() == 1));
        }
    }

    static Stream<Arguments> allowed() {
        return Stream.of(
                Arguments.of("pings", (IntFunction<byte[]>) i -> frame(0x01)),
                Arguments.of("paths to be proven", (IntFunction<byte[]>) i -> with(frame(0x1a), 8)),
                Arguments.of("paths answered that were not tried", (IntFunction<byte[]>) i -> with(frame(0x1b), 8)),
                Arguments.of("room on the connection", (IntFunction<byte[]>) i -> frame(0x10, i)),
                Arguments.of("room for streams", (IntFunction<byte[]>) i -> frame(0x12, i)),
                Arguments.of("room on the control stream", (IntFunction<byte[]>) i -> frame(0x11, 0, i)),
                Arguments.of("complaints that there is no room", (IntFunction<byte[]>) i -> frame(0x14, i)),
                Arguments.of("complaints that there are no streams", (IntFunction<byte[]>) i -> frame(0x16, 8)));
    }

    /** Frames that are allowed however many there are: none of them has the edge keep or send anything worth a flood. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("allowed")
    void tu08WhatIsAllowedIsAnsweredByFarLessThanWasSent(String what, IntFunction<byte[]> frames) {
        Claim claim = world.tunnel();
        try (QuicByHand hand = QuicByHand.registered(world.server.port(), claim)) {
            long sent = 0;
            for (int i = 0; i < 1_000; i++) {
                byte[] packet = packet(frames, i);
                hand.paced(packet);
                sent += packet.length;
            }
            assertThat(world.connections(claim)).as(what).isOne();
            await().until(() -> hand.answered() > 0);
            assertThat(hand.answered()).as(what).isLessThan(sent / 10);
        }
    }

    /** Whoever falls silent is closed anyway, and that is not what is asked. */
    private static boolean isGoneThoughLively(QuicByHand hand, BooleanSupplier isGone) {
        hand.send(frame(0x01));
        return isGone.getAsBoolean();
    }

    /** Which the others would say nothing without. */
    @Test
    void whoKeepsToTheRulesIsAnsweredAndStays() {
        Claim claim = world.tunnel();
        try (QuicByHand hand = QuicByHand.registered(world.server.port(), claim)) {
            await().pollInterval(Duration.ofMillis(50)).until(() -> {
                hand.send(frame(0x01));
                return hand.answered() > 0;
            });
            await().pollInterval(Duration.ofMillis(100))
                    .during(SOON)
                    .atMost(SOON.multipliedBy(2))
                    .until(() -> {
                        hand.send(frame(0x01));
                        return world.connections(claim) == 1;
                    });
        }
    }

    /** As many frames as fit. */
    private static byte[] packet(IntFunction<byte[]> frames, int from) {
        ByteBuffer packet = ByteBuffer.allocate(FRAMES);
        for (int i = from; packet.remaining() >= 50; i++) {
            packet.put(frames.apply(i));
        }
        byte[] bytes = new byte[packet.position()];
        packet.flip().get(bytes);
        return bytes;
    }
}
