package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A relay of datagrams between one client and a loopback port that takes its time, the same both ways, and may lose some. */
public final class LongWay implements AutoCloseable {
    private static final int BUFFER = 8 << 20;
    private static final int LONGEST = 65_535;

    private final DatagramSocket front;
    private final DatagramSocket back;
    private final long delay;
    private final Random losses = new Random(1);
    private volatile @Nullable SocketAddress client;
    private volatile double lost;

    private record Late(byte[] bytes, long due) {}

    /**
     * @param to where the other end listens
     * @param oneWay half a round trip
     */
    public LongWay(int to, Duration oneWay) {
        delay = oneWay.toNanos();
        try {
            front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            back = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            front.setReceiveBufferSize(BUFFER);
            back.setReceiveBufferSize(BUFFER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), to);
        relay(front, back, end);
        relay(back, front, null);
    }

    /** From now on loses this share, 0 to 1, of what the client sends. */
    public void lose(double share) {
        lost = share;
    }

    /** Where the client dials. */
    public int port() {
        return front.getLocalPort();
    }

    /** @param end null for whoever was last heard in front */
    private void relay(DatagramSocket from, DatagramSocket to, @Nullable SocketAddress end) {
        BlockingQueue<Late> onTheWay = new LinkedBlockingQueue<>();
        Thread.ofPlatform().daemon().start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
            while (!from.isClosed()) {
                try {
                    packet.setLength(LONGEST);
                    from.receive(packet);
                    if (end != null) {
                        client = packet.getSocketAddress();
                        if (losses.nextDouble() < lost) {
                            continue;
                        }
                    }
                    onTheWay.add(
                            new Late(Arrays.copyOf(packet.getData(), packet.getLength()), System.nanoTime() + delay));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        Thread.ofPlatform().daemon().start(() -> {
            while (!to.isClosed()) {
                try {
                    Late next = onTheWay.take();
                    LockSupport.parkNanos(next.due() - System.nanoTime());
                    to.send(new DatagramPacket(next.bytes(), next.bytes().length, end == null ? client : end));
                } catch (IOException closed) {
                    return;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        });
    }

    @Override
    public void close() {
        front.close();
        back.close();
    }
}
