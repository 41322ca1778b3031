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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * What replicas do for each other: a request for a tunnel of which this one has no connection goes to one that has. Here both ends
 * start and stop; {@link Replicas} is where requests leave, {@link ReplicaListener} where they arrive.
 *
 * <p>It starts before the tunnel listeners, so that a connection is never noted before the others know where to find its holder,
 * and stops after them. That it stops is announced at once: the others then choose somebody else, and what runs may end.
 */
final class ReplicaExchange implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    private static final long FAREWELL_SECONDS = 1;

    private final Optional<ReplicaListener> listener;
    private final Supplier<ReplicaTls> tls;
    private final ReplicaWatch watch;
    private final Replicas replicas;
    private @Nullable EventLoopGroup loops;

    /**
     * Does nothing before its start.
     *
     * @param listener none where no connectors are served, so that there is nothing to be asked for
     * @param tls asked once, at start
     */
    ReplicaExchange(
            Optional<ReplicaListener> listener, Supplier<ReplicaTls> tls, ReplicaWatch watch, Replicas replicas) {
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
            listener.ifPresent(entrance ->
                    entrance.open(group, epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class, ours));
            Class<? extends SocketChannel> sockets = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
            ReplicaLink.Dialler dialler = new ReplicaLink.Dialler(group, sockets, ours);
            watch.start(read -> replicas.update(read, dialler));
            loops = group;
        } catch (Exception e) { // Netty throws what is checked without declaring it
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** The port on which other replicas reach this one, -1 when they do not. */
    int port() {
        return listener.map(ReplicaListener::port).orElse(-1);
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        listener.ifPresent(ReplicaListener::close);
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
