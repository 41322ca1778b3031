package io.sallyport.tunnel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * What replicas do for each other: a request for a tunnel of which this one has no connection goes to one that has. Here both ends
 * start and stop; {@link Replicas} is where requests leave, {@link ReplicaEntrance} where they arrive.
 *
 * <p>It starts before the tunnel listeners, so that a connection is never noted before the others know where to find its holder,
 * and stops after them. That it stops is announced at once: the others then choose somebody else, and what runs may end.
 */
final class ReplicaExchange implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaExchange.class);
    private static final long FAREWELL_SECONDS = 1;

    private final ReplicaSettings settings;
    private final boolean holdsTunnels;
    private final Supplier<ReplicaAddress> address;
    private final Supplier<ReplicaTls> tls;
    private final TunnelLedger ledger;
    private final ReplicaWatch watch;
    private final Replicas replicas;
    private final TunnelDirectory directory;
    private final LongAdder received;
    private final ChannelGroup links = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private @Nullable EventLoopGroup loops;
    private volatile @Nullable Channel listener;

    /**
     * @param holdsTunnels whether connectors are served here; otherwise there is nothing to be asked for
     * @param address asked once, at start
     * @param tls asked once, at start
     * @param received counts requests of other replicas
     */
    ReplicaExchange(
            ReplicaSettings settings,
            boolean holdsTunnels,
            Supplier<ReplicaAddress> address,
            Supplier<ReplicaTls> tls,
            TunnelLedger ledger,
            ReplicaWatch watch,
            Replicas replicas,
            TunnelDirectory directory,
            LongAdder received) {
        this.settings = settings;
        this.holdsTunnels = holdsTunnels;
        this.address = address;
        this.tls = tls;
        this.ledger = ledger;
        this.watch = watch;
        this.replicas = replicas;
        this.directory = directory;
        this.received = received;
    }

    @Override
    public void start() {
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                0,
                new DefaultThreadFactory("replica", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        try {
            ReplicaTls ours = tls.get();
            if (holdsTunnels) {
                listen(group, epoll, ours);
            }
            Class<? extends SocketChannel> sockets = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
            ReplicaLink.Dialler dialler = new ReplicaLink.Dialler(group, sockets, ours);
            watch.start(read -> replicas.update(read, dialler));
            loops = group;
        } catch (Exception e) { // Netty throws what is checked without declaring it
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            if (TunnelServer.PortTakenException.isReasonOf(e)) {
                throw new TunnelServer.PortTakenException(String.valueOf(settings.port()), "sallyport.replica.port");
            }
            throw e;
        }
    }

    private void listen(EventLoopGroup group, boolean epoll, ReplicaTls ours) {
        ReplicaAddress own = address.get();
        Channel bound = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ReplicaEntrance(ours, directory, links, received))
                .bind(
                        own.listening() == null
                                ? new InetSocketAddress(settings.port())
                                : new InetSocketAddress(own.listening(), settings.port()))
                .syncUninterruptibly()
                .channel();
        listener = bound;
        int port = ((InetSocketAddress) bound.localAddress()).getPort();
        ledger.reachableAt(own.advertised(), port);
        LOG.info("other replicas reach this one at {}, port {}", own.advertised(), port);
    }

    /** The port it listens on, -1 when it does not. */
    int port() {
        return listener != null && listener.localAddress() instanceof InetSocketAddress bound ? bound.getPort() : -1;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        Channel listening = listener;
        if (listening != null) {
            listening.close();
        }
        links.forEach(link -> link.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)));
    }

    @Override
    public void stop() {
        EventLoopGroup group = loops;
        if (group == null) {
            return;
        }
        loops = null;
        watch.stop();
        group.shutdownGracefully(0, FAREWELL_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Override
    public boolean isRunning() {
        return loops != null;
    }

    @Override
    public int getPhase() {
        return TunnelServer.PHASE - 1;
    }
}
