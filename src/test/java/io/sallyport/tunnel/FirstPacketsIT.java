package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What somebody without credentials gets out of the UDP port, and what it costs (TU-03, TU-08). */
class FirstPacketsIT extends OneWorld {
    private static final int OURS = 1;
    /** Reserved to be unknown (RFC 9000 §15). */
    private static final int UNKNOWN = 0xbabababa;

    private static final int RETRY = 0x30;

    /** The head of an Initial packet without a token, and zeros. */
    private static byte[] initial(int version, int length) {
        ByteBuffer packet = ByteBuffer.allocate(length)
                .put((byte) 0xc3)
                .putInt(version)
                .put((byte) 8)
                .putLong(0x1122334455667788L)
                .put((byte) 8)
                .putLong(0x99aabbccddeeff00L)
                .put((byte) 0);
        packet.putShort((short) (0x4000 | packet.remaining() - 2));
        return packet.array();
    }

    private static Optional<byte[]> answer(byte[] packet, int patience) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(patience);
            socket.send(
                    new DatagramPacket(packet, packet.length, InetAddress.getLoopbackAddress(), world.server.port()));
            DatagramPacket answer = new DatagramPacket(new byte[2_000], 2_000);
            socket.receive(answer);
            return Optional.of(Arrays.copyOf(answer.getData(), answer.getLength()));
        } catch (SocketTimeoutException silent) {
            return Optional.empty();
        }
    }

    @Test
    void tu08WhatIsTooShortToBeginWithIsNotAnswered() throws IOException {
        for (int version : new int[] {OURS, UNKNOWN}) {
            for (int length : new int[] {30, 100, 600, FirstPackets.SHORTEST - 1}) {
                assertThat(answer(initial(version, length), 300))
                        .as("%d octets of version %x", length, version)
                        .isEmpty();
            }
        }
    }

    @Test
    void tu08BeforeAnAddressIsProvenAnAnswerIsShorterThanWhatAskedForIt() throws IOException {
        byte[] retry = answer(initial(OURS, FirstPackets.SHORTEST), 10_000).orElseThrow();
        assertThat(retry[0] & RETRY).isEqualTo(RETRY);
        assertThat(retry.length).isLessThan(FirstPackets.SHORTEST / 3);
        byte[] versions =
                answer(initial(UNKNOWN, FirstPackets.SHORTEST), 10_000).orElseThrow();
        assertThat(ByteBuffer.wrap(versions).getInt(1))
                .as("version negotiation")
                .isZero();
        assertThat(versions.length).isLessThan(FirstPackets.SHORTEST / 3);
        assertThat(world.server.open()).as("neither is a connection").isZero();
    }
}
