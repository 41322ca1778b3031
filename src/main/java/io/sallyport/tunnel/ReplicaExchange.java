package io.sallyport.tunnel;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Forwarding between replicas: a request for a tunnel to which this replica has no connection goes to one that has.
 * This class starts and stops both directions; {@link Replicas} sends requests, {@link ReplicaListener} receives them.
 *
 * <p>It starts before the tunnel listeners, so that the others know this replica's address before they see a connection
 * of it, and stops after them. The stop is announced immediately: the others then choose another replica, and running
 * requests may finish.
 */
final class ReplicaExchange implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    private static final long FAREWELL_SECONDS = 1;

    private final @Nullable ReplicaListener listener;
    private final Supplier<ReplicaTls> tls;
    private final ReplicaWatch watch;
    private final Replicas replicas;
    private @Nullable EventLoopGroup loops;

    /**
     * Does nothing before its start.
     *
     * @param listener null when this replica serves no connectors and so cannot be asked for any
     * @param tls asked once, at start
     */
    ReplicaExchange(
            @Nullable ReplicaListener listener, Supplier<ReplicaTls> tls, ReplicaWatch watch, Replicas replicas) {
        this.listener = listener;
        this.tls = tls;
        this.watch = watch;
        this.replicas = replicas;
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
            if (listener != null) {
                listener.open(group, epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class, ours);
            }
            Class<? extends SocketChannel> sockets = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
            ReplicaLink.Dialler dialler =
                    new ReplicaLink.Dialler(group, sockets, ours, TunnelProtocol.HTTP2.mostRequests());
            watch.start(read -> {
                ours.renew();
                replicas.update(read, dialler);
            });
            loops = group;
        } catch (Exception e) { // Netty throws checked exceptions without declaring them
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** The port at which other replicas reach this one; -1 when it does not listen. */
    int port() {
        return listener == null ? -1 : listener.port();
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (listener != null) {
            listener.close();
        }
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
