package io.sallyport.tunnel;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for requests of other replicas, for tunnels to which this replica has connections. */
final class ReplicaListener {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaListener.class);

    private final int configuredPort;
    private final Supplier<ReplicaAddress> address;
    private final TunnelLedger ledger;
    private final TunnelDirectory directory;
    private final LongAdder received;
    private final Newcomers newcomers;
    private final ChannelGroup links = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile @Nullable Channel channel;

    /**
     * Does nothing before {@link #open}.
     *
     * @param configuredPort 0 picks a free one
     * @param address asked once, when it opens
     * @param ledger publishes the address of this replica
     * @param received counts requests of other replicas
     * @param mostLinks connections to accept, each of which needs a file descriptor (DO-06)
     */
    ReplicaListener(
            int configuredPort,
            Supplier<ReplicaAddress> address,
            TunnelLedger ledger,
            TunnelDirectory directory,
            LongAdder received,
            int mostLinks) {
        this.configuredPort = configuredPort;
        this.address = address;
        this.ledger = ledger;
        this.directory = directory;
        this.received = received;
        this.newcomers = new Newcomers(mostLinks);
    }

    /** @throws TunnelServer.PortTakenException when the port is in use */
    void open(EventLoopGroup loops, Class<? extends ServerChannel> kind, ReplicaTls tls) {
        ReplicaAddress own = address.get();
        Channel bound;
        try {
            bound = new ServerBootstrap()
                    .group(loops)
                    .channel(kind)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childHandler(new ReplicaEntrance(tls, directory, links, received, newcomers))
                    .bind(
                            own.listening() == null
                                    ? new InetSocketAddress(configuredPort)
                                    : new InetSocketAddress(own.listening(), configuredPort))
                    .syncUninterruptibly()
                    .channel();
        } catch (Exception e) { // Netty throws checked exceptions without declaring them
            if (TunnelServer.PortTakenException.isReasonOf(e)) {
                throw new TunnelServer.PortTakenException(String.valueOf(configuredPort), "sallyport.replica.port");
            }
            throw e;
        }
        channel = bound;
        int port = ((InetSocketAddress) bound.localAddress()).getPort();
        ledger.reachableAt(own.advertised(), port);
        LOG.info("other replicas reach this one at {}, port {}", own.advertised(), port);
    }

    /** The port it listens on, -1 before it is open. */
    int port() {
        return channel != null && channel.localAddress() instanceof InetSocketAddress bound ? bound.getPort() : -1;
    }

    /** Accepts no new links and tells the open ones to start no new requests. Running requests go on. */
    void close() {
        Channel listening = channel;
        if (listening != null) {
            listening.close();
        }
        links.forEach(link -> link.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)));
    }
}
