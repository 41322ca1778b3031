package io.sallyport.connector;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to origins, on the caller's event loop, so that both ends of a relay share a thread. Names are
 * resolved on virtual threads by the system's resolver, which knows hosts files and search domains. When an address
 * takes long or fails, the next one is tried in parallel (RFC 8305).
 */
final class Dialer {
    private static final long HEAD_START_MILLIS = 250;
    /** Limits of the send buffer, above which the sender is made to wait. */
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(32 << 10, 128 << 10);

    /** Reads of one origin per turn of the event loop, so that others get their turn. */
    private static final RecvByteBufAllocator FOUR_PIECES = new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(4);

    private Dialer() {}

    /** Timeouts and strategy of dialling. */
    record Manner(Duration connectTimeout, Duration keepAlive, boolean oneByOne) {
        static Manner of(OriginSettings settings) {
            return new Manner(settings.connectTimeout(), settings.tcpKeepAlive(), settings.noHappyEyeballs());
        }
    }

    /** Connects to a name or an address. The channel does not read by itself. */
    static Future<Channel> connect(EventLoop loop, String host, int port, Manner manner) {
        Promise<Channel> connected = loop.newPromise();
        resolve(loop, host).addListener((Future<List<InetAddress>> found) -> {
            if (found.isSuccess()) {
                connect(loop, found.getNow(), port, manner, connected);
            } else {
                connected.setFailure(found.cause());
            }
        });
        return connected;
    }

    /** Connects to the first of these addresses that answers. */
    static Future<Channel> connect(EventLoop loop, List<InetAddress> addresses, int port, Manner manner) {
        Promise<Channel> connected = loop.newPromise();
        connect(loop, addresses, port, manner, connected);
        return connected;
    }

    private static void connect(
            EventLoop loop, List<InetAddress> addresses, int port, Manner manner, Promise<Channel> connected) {
        new Race(loop, addresses, port, manner, connected).next();
    }

    /** Connects through a proxy that relays bytes; the proxy resolves the name. */
    static void connect(
            EventLoop loop, ProxyHandler proxy, String host, int port, Manner manner, Promise<Channel> connected) {
        proxy.setConnectTimeoutMillis(manner.connectTimeout().toMillis());
        proxy.connectFuture().addListener((Future<Channel> agreed) -> {
            if (!agreed.isSuccess()) {
                connected.tryFailure(agreed.cause());
            } else if (!connected.trySuccess(agreed.getNow())) {
                agreed.getNow().close();
            }
        });
        bootstrap(loop, manner)
                .channelFactory(Sockets.of(loop)::tcp)
                .option(ChannelOption.TCP_NODELAY, true)
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .handler(proxy)
                .connect(InetSocketAddress.createUnresolved(host, port))
                .addListener(dialled -> {
                    if (!dialled.isSuccess()) {
                        connected.tryFailure(dialled.cause());
                    }
                });
    }

    /** Connects to a socket file. */
    static Future<Channel> connect(EventLoop loop, Path socket, Manner manner) {
        Promise<Channel> connected = loop.newPromise();
        Sockets sockets = Sockets.of(loop);
        Bootstrap bootstrap = bootstrap(loop, manner).channelFactory(sockets::unix);
        bootstrap.connect(sockets.address(socket)).addListener(done -> {
            if (done.isSuccess()) {
                connected.setSuccess(((ChannelFuture) done).channel());
            } else {
                connected.setFailure(done.cause());
            }
        });
        return connected;
    }

    /** Looks a name up, off the loop. */
    static Future<List<InetAddress>> resolve(EventLoop loop, String host) {
        Promise<List<InetAddress>> found = loop.newPromise();
        try {
            return found.setSuccess(List.of(InetAddress.ofLiteral(host)));
        } catch (IllegalArgumentException notALiteral) {
            Thread.ofVirtual().name("resolve " + host).start(() -> {
                try {
                    found.setSuccess(List.of(InetAddress.getAllByName(host)));
                } catch (UnknownHostException e) {
                    found.setFailure(e);
                }
            });
            return found;
        }
    }

    private static Bootstrap bootstrap(EventLoop loop, Manner manner) {
        return new Bootstrap()
                .group(loop)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, FOUR_PIECES)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, manner.connectTimeout().toMillis()))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        // The caller adds handlers when the connection is established.
                    }
                });
    }

    /** Tries addresses in order, each with a head start over the next. Confined to its loop. */
    private static final class Race {
        private final EventLoop loop;
        private final List<InetAddress> addresses;
        private final int port;
        private final Manner manner;
        private final Promise<Channel> connected;
        private int started;
        private int failed;
        private boolean isDialledAgain;

        Race(EventLoop loop, List<InetAddress> addresses, int port, Manner manner, Promise<Channel> connected) {
            this.loop = loop;
            this.addresses = addresses;
            this.port = port;
            this.manner = manner;
            this.connected = connected;
        }

        void next() {
            if (connected.isDone() || started == addresses.size()) {
                return;
            }
            dial(new InetSocketAddress(addresses.get(started++), port));
            if (!manner.oneByOne()) {
                loop.schedule(this::next, HEAD_START_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void dial(InetSocketAddress address) {
            Sockets sockets = Sockets.of(loop);
            Bootstrap bootstrap =
                    bootstrap(loop, manner).channelFactory(sockets::tcp).option(ChannelOption.TCP_NODELAY, true);
            if (!manner.keepAlive().isZero()) {
                bootstrap.option(ChannelOption.SO_KEEPALIVE, true).option(sockets.keepAliveSeconds(), (int)
                        Math.max(1, manner.keepAlive().toSeconds()));
            }
            bootstrap.connect(address).addListener(done -> finished(address, ((ChannelFuture) done).channel(), done));
        }

        private void finished(InetSocketAddress address, Channel channel, Future<?> done) {
            if (done.isSuccess()) {
                if (!connected.trySuccess(channel)) {
                    channel.close();
                }
            } else if (isOthersEvent(done.cause()) && !isDialledAgain) {
                isDialledAgain = true;
                dial(address);
            } else if (++failed == addresses.size()) {
                Throwable cause = done.cause();
                connected.tryFailure(cause == null ? new ConnectException("refused") : cause);
            } else {
                next();
            }
        }

        /**
         * Whether the connection was closed by an event that belonged to another one. epoll returns events of several
         * descriptors at once; when one of them is closed and its number reused for this connection, Netty delivers the
         * old event here and closes the unconnected channel.
         */
        private static boolean isOthersEvent(@Nullable Throwable failure) {
            return failure instanceof ClosedChannelException || failure instanceof NotYetConnectedException;
        }
    }
}
