package io.sallyport.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sallyport.tunnel.wire.WideWindows;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The listeners for connectors: one port, HTTP/2 over TCP and QUIC over UDP. Starts before the web server and stops
 * after it, because requests that finish during the web server's shutdown still need their tunnels.
 */
public final class TunnelServer implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
    /**
     * Bytes of the sockets' buffers. All connections of a socket share one queue, so a long queue would delay small
     * answers.
     */
    private static final int UDP_BUFFER = 1 << 20;

    private static final int SOCKETS_OF_A_LOOP = 4;
    /**
     * Bytes of the longest QUIC packet, as jumbo frames carry it. A longer packet would be truncated, so connectors are
     * told this limit.
     */
    static final int LONGEST_PACKET = 8_972;

    /** Bytes of packets of one connection that the system may hand over in one piece (UDP GRO). */
    private static final int MOST_AT_ONCE = 64 << 10;

    /** Such pieces per turn of the event loop, which are some milliseconds of work. */
    private static final int PACKETS_AT_ONCE = 4;
    /** Interval of looking for a newer certificate. */
    private static final Duration RENEWAL = Duration.ofSeconds(2);

    private static final Duration FAREWELL = Duration.ofSeconds(3);
    /** Lower than the web server's phases, so this starts first and stops last. */
    static final int PHASE = DEFAULT_PHASE - 8192;

    private final TunnelSettings.Tunnel settings;
    private final @Nullable InetAddress address;
    private final TunnelTls tls;
    private final Registrar registrar;
    private final TunnelDirectory directory;
    private final Supplier<EventLoopGroup> loops;
    private final Runnable atEnd;
    private final List<Channel> listeners = new ArrayList<>();
    private final Newcomers newcomers;
    private final WideWindows windows;
    private @Nullable ScheduledExecutorService renewal;
    private volatile int port = -1;

    /**
     * @param loops the web server's event loops, requested at start; sharing them lets a visitor's request often find a
     *     connection on its own thread
     * @param room what connectors may use
     * @param atEnd runs when the last connection has closed
     */
    TunnelServer(
            TunnelSettings.Tunnel settings,
            @Nullable InetAddress address,
            TunnelTls tls,
            Registrar registrar,
            TunnelDirectory directory,
            Supplier<EventLoopGroup> loops,
            TunnelRoom room,
            Runnable atEnd) {
        this.settings = settings;
        this.address = address;
        this.tls = tls;
        this.registrar = registrar;
        this.directory = directory;
        this.loops = loops;
        this.newcomers = new Newcomers(room.sockets());
        this.windows = new WideWindows(room.windows());
        this.atEnd = atEnd;
    }

    @Override
    public void start() {
        if (!settings.enabled()) {
            return;
        }
        tls.start();
        InTurn group = new InTurn(loops.get());
        boolean epoll = group.loops().getFirst() instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
        String transport = "TCP";
        try {
            int bound = listenForConnections(group, epoll);
            transport = "UDP";
            if (epoll) {
                for (EventLoop loop : group.loops()) {
                    for (int i = 0; i < SOCKETS_OF_A_LOOP; i++) {
                        listenForPackets(loop, true, bound);
                    }
                }
            } else {
                listenForPackets(group.loops().getFirst(), false, bound);
            }
            port = bound;
            renewal = watch(tls);
            LOG.info("connectors are served on port {}, TCP and UDP", bound);
        } catch (Exception e) { // Netty throws checked exceptions without declaring them
            close();
            if (PortTakenException.isReasonOf(e)) {
                throw new PortTakenException(settings.port() + " (" + transport + ")", "sallyport.tunnel.port");
            }
            throw e;
        }
    }

    /** Returns the port, which the system chose if it was configured as 0. */
    private int listenForConnections(InTurn group, boolean epoll) {
        Channel tcp = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Http2Edge(tls::forTcp, registrar, newcomers))
                .bind(at(settings.port()))
                .syncUninterruptibly()
                .channel();
        listeners.add(tcp);
        return ((InetSocketAddress) tcp.localAddress()).getPort();
    }

    private void listenForPackets(EventLoop loop, boolean epoll, int bound) {
        listeners.add(datagrams(epoll)
                .group(loop)
                .handler(new QuicEdge(registrar, newcomers, windows).socket(tls::forQuic))
                .bind(at(bound))
                .syncUninterruptibly()
                .channel());
    }

    private static ScheduledExecutorService watch(TunnelTls tls) {
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("tunnel-certificate").factory());
        watch.scheduleWithFixedDelay(tls::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    /**
     * On Linux each loop has sockets of its own, among which the system distributes connectors by address, so that one
     * connection's download seldom delays another's packets. Many packets are read in one system call, because one call
     * per packet would be most of the work.
     */
    private static Bootstrap datagrams(boolean epoll) {
        Bootstrap bootstrap = new Bootstrap().option(ChannelOption.SO_RCVBUF, UDP_BUFFER);
        return epoll
                ? bootstrap
                        .channel(EpollDatagramChannel.class)
                        .option(EpollChannelOption.SO_REUSEPORT, true)
                        .option(EpollChannelOption.UDP_GRO, true)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(MOST_AT_ONCE).maxMessagesPerRead(PACKETS_AT_ONCE))
                : bootstrap
                        .channel(NioDatagramChannel.class)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LONGEST_PACKET));
    }

    private InetSocketAddress at(int number) {
        return address == null ? new InetSocketAddress(number) : new InetSocketAddress(address, number);
    }

    /** The port; -1 when it does not listen. */
    public int port() {
        return port;
    }

    /** Open connections, registered or not. */
    int open() {
        return newcomers.open();
    }

    /** Bytes by which the windows of QUIC streams exceed their initial size. */
    long windows() {
        return windows.given();
    }

    /** Tells connectors to connect elsewhere; running requests may finish for a moment longer. */
    @Override
    public void stop() {
        if (!isRunning()) {
            return;
        }
        port = -1;
        ScheduledExecutorService watch = renewal;
        if (watch != null) {
            watch.shutdownNow();
            renewal = null;
        }
        CountDownLatch farewell = new CountDownLatch((int) directory.all().count());
        directory.all().forEach(each -> each.goAway(farewell::countDown));
        try {
            if (!farewell.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                directory.all().forEach(each -> each.close("the edge is shutting down"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        atEnd.run();
    }

    /** Closes connections before sockets: over UDP their last packets are sent through the socket. */
    private void close() {
        newcomers.close().awaitUninterruptibly(FAREWELL.toMillis());
        listeners.forEach(listener -> listener.close().awaitUninterruptibly(FAREWELL.toMillis()));
        listeners.clear();
    }

    @Override
    public boolean isRunning() {
        return port >= 0;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** The port is in use. */
    static final class PortTakenException extends RuntimeException {
        PortTakenException(String port, String setting) {
            super("port " + port + " is in use; stop what uses it, or choose another with --" + setting);
        }

        /**
         * Whether a failure to bind means that the port is in use. Netty's native transport throws no BindException.
         */
        static boolean isReasonOf(Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException
                        && String.valueOf(cause.getMessage()).contains("Address already in use")) {
                    return true;
                }
            }
            return false;
        }
    }
}
