package io.sallyport.connector;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connector's metrics address, with {@code /metrics}, {@code /ready} and others. It has neither TLS nor
 * authentication, so by default it listens on loopback, and it shows no secrets. It has a thread of its own and limits on connections
 * and time, so that requests through the tunnel never wait for it (DO-01, DO-04).
 */
public final class StatusServer implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int FIRST_PORT = 20241;
    private static final int LAST_PORT = 20245;

    /** Concurrent connections; enough for several probes and scrapers. */
    static final int MOST = 64;

    private static final int LONGEST_LINE = 4 * 1024;
    private static final int LONGEST_HEAD = 8 * 1024;

    private final EventLoopGroup loop;
    private final Channel listener;

    private StatusServer(EventLoopGroup loop, Channel listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** Listens on the first free one of cloudflared's usual ports on loopback, or else on any free port. */
    public static StatusServer start(Connector connector) throws IOException {
        for (int port = FIRST_PORT; port <= LAST_PORT; port++) {
            try {
                return start(connector, new InetSocketAddress(LOOPBACK, port));
            } catch (IOException taken) {
                // try the next one
            }
        }
        return start(connector, new InetSocketAddress(LOOPBACK, 0));
    }

    /** Listens on this address. */
    public static StatusServer start(Connector connector, InetSocketAddress address) throws IOException {
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("status", true), NioIoHandler.newFactory());
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new Arrival(connector))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            end(loop);
            throw bound.cause() instanceof IOException refused ? refused : new IOException(bound.cause());
        }
        return new StatusServer(loop, bound.channel());
    }

    /** The address on which it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        end(loop);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // its thread is a daemon, and nobody waits for it
    private static void end(EventLoopGroup loop) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static final class Arrival extends ChannelInitializer<Channel> {
        private final Connector connector;
        private final AtomicInteger open = new AtomicInteger();

        Arrival(Connector connector) {
            this.connector = connector;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // a channel that is closed is not waited for
        protected void initChannel(Channel channel) {
            channel.closeFuture().addListener(closed -> open.decrementAndGet());
            if (open.incrementAndGet() > MOST) {
                channel.close();
                return;
            }
            channel.pipeline()
                    .addLast(
                            new HttpServerCodec(LONGEST_LINE, LONGEST_HEAD, LONGEST_HEAD),
                            new StatusAnswers(connector));
        }
    }
}
