package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A QUIC connection whose client shakes hands, and registers if it likes, and is then put aside: from there on packets are made by hand
 * with its keys, for what QUIC clients refuse to send. Stands between the two; the client dials {@link #port}.
 */
public final class QuicByHand implements AutoCloseable {
    private static final String SECRET = "CLIENT_TRAFFIC_SECRET_0";
    private static final int LONG_HEADER = 0x80;
    private static final int CONNECTION_ID = 20;
    private static final byte CONNECTION_CLOSE = 0x1c;
    private static final byte SHORT_HEADER = 0x43;
    /** Numbers far beyond the client's own: what it still says is too old to be heard. */
    private static final int FIRST_NUMBER = 1 << 20;

    private static final int BUFFER = 1 << 20;

    private final DatagramSocket inside;
    private final DatagramSocket outside;
    private final CompletableFuture<QuicKeys> keys = new CompletableFuture<>();
    private final CompletableFuture<byte[]> connectionId = new CompletableFuture<>();
    private final AtomicLong answered = new AtomicLong();
    private volatile SocketAddress client;
    private volatile boolean isTakenOver;
    private int number = FIRST_NUMBER;
    private TestConnectorQuic connector;

    private QuicByHand(int port) {
        try {
            inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            outside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            inside.setReceiveBufferSize(BUFFER);
            outside.setReceiveBufferSize(BUFFER);
            outside.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> pass(inside, this::outward));
        Thread.ofVirtual().start(() -> pass(outside, this::inward));
    }

    /** A connector that registers. */
    public static QuicByHand registered(int port, TestConnector.Claim claim) {
        QuicByHand hand = new QuicByHand(port);
        hand.connector = TestConnectorQuic.watched(hand.inside.getLocalPort(), claim, true, hand::note);
        hand.connector.registered();
        return hand;
    }

    /** A stranger that shakes hands and says nothing more. */
    public static QuicByHand stranger(int port, TestConnector.Claim claim) {
        QuicByHand hand = new QuicByHand(port);
        hand.connector = TestConnectorQuic.watched(hand.inside.getLocalPort(), claim, false, hand::note);
        return hand;
    }

    /** The client, which is heard until packets are made by hand. */
    public TestConnectorQuic connector() {
        return connector;
    }

    private void note(String line) {
        String[] words = line.split(" ", -1);
        if (words[0].equals(SECRET)) {
            byte[] secret = HexFormat.of().parseHex(words[2]);
            if (secret.length != 32) {
                throw new AssertionError("a cipher that is not made by hand here");
            }
            keys.complete(QuicKeys.of(secret));
        }
    }

    private interface Passing {
        void datagram(DatagramPacket packet) throws IOException;
    }

    private static void pass(DatagramSocket from, Passing step) {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        while (!from.isClosed()) {
            try {
                packet.setLength(65_535);
                from.receive(packet);
                step.datagram(packet);
            } catch (IOException closed) {
                // the other end, or this one
            }
        }
    }

    private void outward(DatagramPacket packet) throws IOException {
        client = packet.getSocketAddress();
        byte[] data = Arrays.copyOf(packet.getData(), packet.getLength());
        if ((data[0] & LONG_HEADER) == 0) {
            connectionId.complete(Arrays.copyOfRange(data, 1, 1 + CONNECTION_ID));
        }
        if (!isTakenOver) {
            outside.send(new DatagramPacket(data, data.length));
        }
    }

    private void inward(DatagramPacket packet) throws IOException {
        if (isTakenOver) {
            answered.addAndGet(packet.getLength());
        } else if (client != null) {
            inside.send(new DatagramPacket(packet.getData(), packet.getLength(), client));
        }
    }

    /** Sends a packet of these frames as if the client had. */
    public void send(byte[] frames) {
        isTakenOver = true;
        byte[] id = TestConnector.await(connectionId);
        byte[] head =
                ByteBuffer.allocate(1 + id.length).put(SHORT_HEADER).put(id).array();
        byte[] packet =
                TestConnector.await(keys).seal(head, number++, Arrays.copyOf(frames, Math.max(frames.length, 20)));
        try {
            outside.send(new DatagramPacket(packet, packet.length));
        } catch (SocketException refused) {
            throw new AssertionError("nobody is there", refused);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #send}, no faster than a socket takes it. */
    public void paced(byte[] frames) {
        send(frames);
        if (number % 16 == 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Octets that came back since packets are made by hand. */
    public long answered() {
        return answered.get();
    }

    /** Says goodbye as any client does (CONNECTION_CLOSE, RFC 9000 §19.19): who falls silent instead is a connection for seconds more. */
    @Override
    public void close() {
        if (isTakenOver) {
            send(new byte[] {CONNECTION_CLOSE, 0, 0, 0});
        }
        inside.close();
        outside.close();
        connector.close();
    }
}
