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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sockets for connectors, on one port: HTTP/2 over TCP and QUIC over UDP. Knows every connection that came through them. */
final class TunnelListeners {
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

    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(3);

    private final @Nullable InetAddress address;
    private final TunnelTls tls;
    private final Registrar registrar;
    private final Newcomers newcomers;
    private final WideWindows windows;
    private final List<Channel> sockets = new ArrayList<>();

    /**
     * @param address to listen on; null for all of the machine's
     * @param room what connectors may use
     */
    TunnelListeners(@Nullable InetAddress address, TunnelTls tls, Registrar registrar, TunnelRoom room) {
        this.address = address;
        this.tls = tls;
        this.registrar = registrar;
        this.newcomers = new Newcomers(room.sockets());
        this.windows = new WideWindows(room.windows());
    }

    /**
     * Begins to listen; when that fails, nothing listens.
     *
     * @param configured the port; 0 lets the system choose one
     * @return the port
     * @throws TunnelServer.PortTakenException when the port is in use, over TCP or UDP
     */
    int open(EventLoopGroup loops, int configured) {
        InTurn group = new InTurn(loops);
        boolean epoll = group.loops().getFirst() instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
        String transport = "TCP";
        try {
            int bound = listenForConnections(group, epoll, configured);
            transport = "UDP";
            listenForPackets(epoll ? group.loops() : List.of(group.loops().getFirst()), epoll, bound);
            return bound;
        } catch (Exception e) { // Netty throws checked exceptions without declaring them
            close(AFTER_A_FAILURE);
            if (TunnelServer.PortTakenException.isReasonOf(e)) {
                throw new TunnelServer.PortTakenException(configured + " (" + transport + ")", "sallyport.tunnel.port");
            }
            throw e;
        }
    }

    /** Returns the port, which the system chose if it was configured as 0. */
    private int listenForConnections(InTurn group, boolean epoll, int configured) {
        Channel tcp = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Http2Edge(tls::forTcp, registrar, newcomers))
                .bind(at(configured))
                .syncUninterruptibly()
                .channel();
        sockets.add(tcp);
        return ((InetSocketAddress) tcp.localAddress()).getPort();
    }

    private void listenForPackets(List<EventLoop> loops, boolean epoll, int bound) {
        QuicEdge edge = new QuicEdge(registrar, newcomers, windows);
        QuicSockets places = new QuicSockets(new AddressTokens(System::nanoTime, newcomers::mayBegin));
        for (int i = 0; i < (epoll ? SOCKETS_OF_A_LOOP : 1); i++) {
            for (EventLoop loop : loops) {
                sockets.add(datagrams(epoll)
                        .group(loop)
                        .handler(edge.socket(tls::forQuic, places.next(loop)))
                        .bind(at(bound))
                        .syncUninterruptibly()
                        .channel());
            }
        }
        places.steer(sockets.getLast());
        sockets.forEach(socket -> socket.config().setAutoRead(true));
    }

    /**
     * On Linux each loop has sockets of its own, among which {@link QuicSockets} distributes connections, so that one
     * connection's download seldom delays another's packets. Many packets are read in one system call, because one call
     * per packet would be most of the work.
     */
    private static Bootstrap datagrams(boolean epoll) {
        Bootstrap bootstrap =
                new Bootstrap().option(ChannelOption.SO_RCVBUF, UDP_BUFFER).option(ChannelOption.AUTO_READ, false);
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

    /** Open connections, registered or not. */
    int connections() {
        return newcomers.open();
    }

    /** Bytes by which the windows of QUIC streams exceed their initial size. */
    long windows() {
        return windows.given();
    }

    /**
     * Closes connections before sockets: over UDP their last packets are sent through the socket.
     *
     * @param patience how long each of them may take
     */
    void close(Duration patience) {
        newcomers.close().awaitUninterruptibly(patience.toMillis());
        sockets.forEach(socket -> socket.close().awaitUninterruptibly(patience.toMillis()));
        sockets.clear();
    }
}
