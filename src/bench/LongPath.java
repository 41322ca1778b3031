import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A path to a port of this machine that takes 150 ms each way and loses every fiftieth packet, without rights or kernel modules. Of
 * UDP the packets are lost; a byte stream cannot lose any, so what a lost segment does to TCP is imitated: everything behind it waits
 * a round trip longer.
 */
final class LongPath implements AutoCloseable {
    private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(150);
    private static final double LOSS = 0.02;
    private static final int SEGMENT = 1400;

    private final int to;
    private final ServerSocket tcp;
    private final DatagramSocket udp;
    private final Random random = new Random(1);
    private final Map<SocketAddress, DatagramSocket> beyond = new ConcurrentHashMap<>();

    private interface Delivery {
        void run() throws IOException;
    }

    private record Due(long at, Delivery delivery) {}

    /** Hands on in order, each when it is due. */
    private final class Line {
        private final BlockingQueue<Due> queue = new LinkedBlockingQueue<>(10_000);
        private long last;

        Line() {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Due next = queue.take();
                        TimeUnit.NANOSECONDS.sleep(next.at() - System.nanoTime());
                        next.delivery().run();
                    }
                } catch (IOException | InterruptedException over) {
                    // one end is gone
                }
            });
        }

        void put(long extra, Delivery delivery) throws InterruptedException {
            last = Math.max(last, System.nanoTime() + DELAY + extra);
            queue.put(new Due(last, delivery));
        }
    }

    LongPath(int to) throws IOException {
        this.to = to;
        this.tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
        Thread.ofPlatform().daemon().start(this::outward);
    }

    int port() {
        return tcp.getLocalPort();
    }

    private boolean isLost() {
        synchronized (random) {
            return random.nextDouble() < LOSS;
        }
    }

    private void accept() {
        while (!tcp.isClosed()) {
            try {
                Socket near = tcp.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                stream(near, far);
                stream(far, near);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void stream(Socket from, Socket into) {
        Thread.ofVirtual().start(() -> {
            Line line = new Line();
            try (from) {
                InputStream in = from.getInputStream();
                OutputStream out = into.getOutputStream();
                byte[] buffer = new byte[SEGMENT];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    byte[] piece = Arrays.copyOf(buffer, count);
                    line.put(isLost() ? 2 * DELAY : 0, () -> out.write(piece));
                }
                line.put(0, into::close);
            } catch (IOException | InterruptedException over) {
                try {
                    into.close();
                } catch (IOException alreadyClosed) {
                    // nothing is left to do
                }
            }
        });
    }

    /** Each who sends has a socket of his own beyond, so that answers find back. */
    private void outward() {
        Line line = new Line();
        receive(udp, packet -> {
            byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
            DatagramSocket out = beyond.computeIfAbsent(packet.getSocketAddress(), this::open);
            SocketAddress edge = new InetSocketAddress(InetAddress.getLoopbackAddress(), to);
            line.put(0, () -> out.send(new DatagramPacket(bytes, bytes.length, edge)));
        });
    }

    private interface Receiver {
        void take(DatagramPacket packet) throws InterruptedException;
    }

    private void receive(DatagramSocket from, Receiver receiver) {
        byte[] buffer = new byte[2048];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                from.receive(packet);
                if (!isLost()) {
                    receiver.take(packet);
                }
            }
        } catch (IOException | InterruptedException closed) {
            // the path is no more
        }
    }

    private DatagramSocket open(SocketAddress client) {
        try {
            DatagramSocket out = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            Line back = new Line();
            Thread.ofPlatform().daemon().start(() -> receive(out, packet -> {
                byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
                back.put(0, () -> udp.send(new DatagramPacket(bytes, bytes.length, client)));
            }));
            return out;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        tcp.close();
        udp.close();
        beyond.values().forEach(DatagramSocket::close);
    }
}
