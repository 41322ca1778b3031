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
 * The listeners that connectors dial: one port, HTTP/2 over TCP and QUIC over UDP. Starts before the web server and stops after it,
 * because the requests that the web server lets finish still need their tunnels.
 */
public final class TunnelServer implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
    /** Packets of all who share a socket wait in one line, so it is short: what waits here keeps small answers waiting. */
    private static final int UDP_BUFFER = 1 << 20;

    private static final int SOCKETS_OF_A_LOOP = 4;
    /** What jumbo frames carry. A longer one would be cut off; connectors are told so. */
    static final int LONGEST_PACKET = 8_972;

    /** Packets of one connection that came together, as the system hands them over. */
    private static final int MOST_AT_ONCE = 64 << 10;

    /** Then others have their turn: this many, of that length, are some milliseconds' work. */
    private static final int PACKETS_AT_ONCE = 4;
    /** How often it is asked whether there is a newer certificate. */
    private static final Duration RENEWAL = Duration.ofSeconds(2);

    private static final Duration FAREWELL = Duration.ofSeconds(3);
    /** Below all of the web server's. */
    static final int PHASE = Integer.MAX_VALUE - 8192;

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
     * @param loops the web server's, asked for at start: a visitor's request then often finds a connection on its own thread
     * @param room what connectors may use
     * @param atEnd runs when the last connection is gone
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
        } catch (Exception e) { // Netty throws what is checked without declaring it
            close();
            if (PortTakenException.isReasonOf(e)) {
                throw new PortTakenException(settings.port() + " (" + transport + ")", "sallyport.tunnel.port");
            }
            throw e;
        }
    }

    /** Answers with the port, which the system chose where none was set. */
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
     * On Linux each loop has sockets of its own, between which the system divides the connectors' addresses, so that one connection's
     * download seldom stands in another's way; and many packets are taken in one call, because one for each would be most of the work.
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

    /** The port it listens on, -1 when it does not. */
    public int port() {
        return port;
    }

    /** Connections that there are, registered or not. */
    int open() {
        return newcomers.open();
    }

    /** What streams of QUIC have standing open beyond the windows of their own. */
    long windows() {
        return windows.given();
    }

    /** Sends connectors elsewhere; what is still answered may finish for a moment longer. */
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

    /** Connections before what they came by: over UDP their last words leave by it. */
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

    /** Somebody else listens there. */
    static final class PortTakenException extends RuntimeException {
        PortTakenException(String port, String setting) {
            super("port " + port + " is in use; stop what uses it, or choose another with --" + setting);
        }

        /** Linux's own calls say it by no exception of that name. */
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
