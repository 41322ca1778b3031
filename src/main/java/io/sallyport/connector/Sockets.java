package io.sallyport.connector;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;

/**
 * The implementations of sockets: Linux's epoll where available, Java NIO elsewhere. For QUIC, Linux can send and receive many
 * packets in one call; a call for each packet would be most of the work.
 */
enum Sockets {
    EPOLL(EpollSocketChannel::new, EpollDatagramChannel::new, EpollDomainSocketChannel::new),
    NIO(NioSocketChannel::new, NioDatagramChannel::new, NioDomainSocketChannel::new);

    private static final int UDP_BUFFER = 1 << 20;
    /** Bytes of the longest QUIC packet, as jumbo frames carry it. Longer ones, which loopback permits, are not faster. */
    static final int LONGEST_PACKET = 8_972;
    /** Bytes of packets that the system takes or returns in one call. */
    private static final int MOST_AT_ONCE = 64 << 10;

    private static final int PACKETS_AT_ONCE = 16;

    @SuppressWarnings("ImmutableEnumChecker") // constructors
    private final Supplier<Channel> tcp;

    @SuppressWarnings("ImmutableEnumChecker") // the same
    private final Supplier<Channel> udp;

    @SuppressWarnings("ImmutableEnumChecker") // the same
    private final Supplier<Channel> unix;

    Sockets(Supplier<Channel> tcp, Supplier<Channel> udp, Supplier<Channel> unix) {
        this.tcp = tcp;
        this.udp = udp;
        this.unix = unix;
    }

    /** The I/O handlers for event loops on this machine. */
    static IoHandlerFactory handlers() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /** The kind of sockets for a loop. */
    static Sockets of(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class) ? EPOLL : NIO;
    }

    Channel tcp() {
        return tcp.get();
    }

    /**
     * Datagram channels; several packets are received in one call where possible.
     *
     * @param largest bytes of a packet; a longer one would be truncated
     */
    Bootstrap datagrams(int largest) {
        Bootstrap bootstrap = new Bootstrap().channelFactory(udp::get).option(ChannelOption.SO_RCVBUF, UDP_BUFFER);
        return switch (this) {
            case EPOLL ->
                bootstrap
                        .option(EpollChannelOption.UDP_GRO, true)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(MOST_AT_ONCE).maxMessagesPerRead(PACKETS_AT_ONCE));
            case NIO -> bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(largest));
        };
    }

    /**
     * How packets of one connection are sent in one call.
     *
     * @param largest bytes of a packet
     */
    SegmentedDatagramPacketAllocator segments(int largest) {
        return switch (this) {
            case EPOLL -> EpollQuicUtils.newSegmentedAllocator(MOST_AT_ONCE / largest);
            case NIO -> SegmentedDatagramPacketAllocator.NONE;
        };
    }

    Channel unix() {
        return unix.get();
    }

    /** The address of a Unix socket. */
    SocketAddress address(Path file) {
        return switch (this) {
            case EPOLL -> new DomainSocketAddress(file.toString());
            case NIO -> UnixDomainSocketAddress.of(file);
        };
    }

    /** The option for how long a connection may be silent before the system sends a keep-alive probe. */
    ChannelOption<Integer> keepAliveSeconds() {
        return switch (this) {
            case EPOLL -> EpollChannelOption.TCP_KEEPIDLE;
            case NIO -> NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE);
        };
    }
}
