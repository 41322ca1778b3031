package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * Initial packets of QUIC by hand (RFC 9000 §17.2.2, RFC 9001 §5), for what QUIC clients refuse to send: any frames, as many as one likes,
 * and no TLS in them. Whoever sends them needs no secret.
 */
public final class RawQuic implements AutoCloseable {
    /** No client begins with less (RFC 9000 §14.1). */
    public static final int SHORTEST = 1_200;

    /** What a server's connection id is long, at ours. */
    private static final int CONNECTION_ID = 20;

    private static final byte[] SOURCE = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final int RETRY = 0xf0;
    private static final int PATIENCE_MILLIS = 10_000;

    private final DatagramSocket socket;
    private final int port;
    private int sent;

    /** A token, and the connection id that came with it. */
    @SuppressWarnings("ArrayRecordComponent") // sent on, never compared
    public record Permission(byte[] token, byte[] connectionId) {}

    /** From an address of its own to a loopback port. */
    public RawQuic(int port) {
        this.port = port;
        try {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            socket.setSoTimeout(PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Proves that it receives where it is: asks without a token, and gets one. */
    public Permission permission() {
        send(initial(new Permission(new byte[0], random(8)), new byte[] {1}));
        ByteBuffer retry = ByteBuffer.wrap(answer().orElseThrow());
        if ((retry.get() & RETRY) != RETRY) {
            throw new AssertionError("no retry");
        }
        retry.getInt();
        retry.position(retry.position() + 1 + retry.get(retry.position()));
        byte[] connectionId = new byte[retry.get()];
        retry.get(connectionId);
        byte[] token = new byte[retry.remaining() - QuicKeys.TAG];
        retry.get(token);
        return new Permission(token, connectionId);
    }

    /** Some octets nobody can guess. */
    public static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** The same token for another connection. */
    public static Permission another(Permission permission) {
        return new Permission(permission.token(), random(CONNECTION_ID));
    }

    /** An Initial packet with these frames, and padding. */
    public byte[] initial(Permission permission, byte[] frames) {
        byte[] id = permission.connectionId();
        byte[] token = permission.token();
        int head = 1 + 4 + 1 + id.length + 1 + SOURCE.length + 2 + token.length + 2;
        int payload = Math.max(frames.length, SHORTEST - head - QuicKeys.NUMBER - QuicKeys.TAG);
        ByteBuffer packet = ByteBuffer.allocate(head)
                .put((byte) 0xc3)
                .putInt(1)
                .put((byte) id.length)
                .put(id)
                .put((byte) SOURCE.length)
                .put(SOURCE)
                .putShort((short) (0x4000 | token.length))
                .put(token)
                .putShort((short) (0x4000 | QuicKeys.NUMBER + payload + QuicKeys.TAG));
        return QuicKeys.first(id).seal(packet.array(), sent++, Arrays.copyOf(frames, payload));
    }

    /** Sends a datagram. */
    public void send(byte[] datagram) {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next datagram from there, empty when none comes in time. */
    public Optional<byte[]> answer() {
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        try {
            socket.receive(answer);
            return Optional.of(Arrays.copyOf(answer.getData(), answer.getLength()));
        } catch (SocketTimeoutException silent) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits no longer than this for answers. */
    public RawQuic patience(int millis) {
        try {
            socket.setSoTimeout(millis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public void close() {
        socket.close();
    }
}
