package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the HTTP service of one rule. Each belongs to the event loop it was opened on and is used again only there; idle
 * ones close after a while, and at once when the origin says anything unasked. An origin that chose HTTP/2 gets one connection for
 * each loop and name.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write ends its channel, and the channel's end is what is looked at
final class OriginPool {
    private static final int LONGEST_LINE = 64 << 10;
    private static final int LARGEST_HEAD = 1 << 20;

    private final Service service;
    private final OriginSettings settings;
    private final @Nullable SslContext tls;
    private final @Nullable SslContext tlsWithHttp2;
    private final Map<Key, Deque<Channel>> idle = new ConcurrentHashMap<>();
    private final Map<Key, Channel> multiplexed = new ConcurrentHashMap<>();
    private final AtomicInteger idleCount = new AtomicInteger();
    private volatile boolean isClosed;

    /** Connections are interchangeable within a loop and a TLS name. */
    private record Key(EventLoop loop, String serverName, boolean plainHttp) {}

    /**
     * A connection, or a stream of one, for one request.
     *
     * @param isReused whether the origin may have closed it just now
     */
    record Lease(Channel channel, boolean isReused, boolean isMultiplexed) {}

    /** @throws InvalidConfiguration when the rule's certificates cannot be read */
    OriginPool(Service service, OriginSettings settings) {
        this.service = service;
        this.settings = settings;
        boolean secure = switch (service) {
            case Service.Http http -> http.tls();
            case Service.Unix unix -> unix.tls();
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ -> false;
        };
        this.tls = secure ? OriginTls.context(settings, false) : null;
        this.tlsWithHttp2 = secure && settings.http2Origin() ? OriginTls.context(settings, true) : null;
    }

    /**
     * A connection for one request.
     *
     * @param serverName whom TLS must find there
     * @param upgrade whether the request leaves HTTP, which only HTTP/1.1 does this way
     * @param fresh whether a pooled connection will not do
     */
    Future<Lease> acquire(EventLoop loop, String serverName, boolean upgrade, boolean fresh) {
        Key key = new Key(loop, serverName, upgrade || tlsWithHttp2 == null);
        Channel shared = multiplexed.get(key);
        if (shared != null && shared.isActive()) {
            return stream(loop, shared);
        }
        Channel pooled = fresh ? null : poll(key);
        Promise<Lease> lease = loop.newPromise();
        if (pooled != null) {
            return lease.setSuccess(new Lease(pooled, true, false));
        }
        dial(loop).addListener((Future<Channel> dialled) -> {
            if (dialled.isSuccess()) {
                secure(key, dialled.getNow(), lease);
            } else {
                lease.setFailure(dialled.cause());
            }
        });
        return lease;
    }

    private Future<Channel> dial(EventLoop loop) {
        Dialer.Manner manner = Dialer.Manner.of(settings);
        return switch (service) {
            case Service.Http http -> Dialer.connect(loop, http.host(), http.port(), manner);
            case Service.Unix unix -> Dialer.connect(loop, unix.path(), manner);
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ ->
                loop.newFailedFuture(new IllegalStateException("not an HTTP service"));
        };
    }

    private void secure(Key key, Channel channel, Promise<Lease> lease) {
        SslContext context = key.plainHttp() ? tls : tlsWithHttp2;
        if (context == null) {
            lease.setSuccess(http1(channel));
            return;
        }
        SslHandler handler = context.newHandler(channel.alloc(), key.serverName(), -1);
        handler.setHandshakeTimeoutMillis(settings.tlsTimeout().toMillis());
        channel.pipeline().addLast(handler);
        handler.handshakeFuture().addListener(shaken -> {
            if (!shaken.isSuccess()) {
                channel.close();
                lease.setFailure(shaken.cause());
            } else if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                http2(key, channel, lease);
            } else {
                lease.setSuccess(http1(channel));
            }
        });
        channel.read();
    }

    private static Lease http1(Channel channel) {
        channel.pipeline()
                .addLast(new HttpClientCodec(
                        new HttpDecoderConfig()
                                .setMaxInitialLineLength(LONGEST_LINE)
                                .setMaxHeaderSize(LARGEST_HEAD)
                                .setMaxChunkSize(64 << 10),
                        false,
                        false));
        return new Lease(channel, false, false);
    }

    private void http2(Key key, Channel channel, Promise<Lease> lease) {
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forClient()
                                .initialSettings(Http2Settings.defaultSettings()
                                        .initialWindowSize(1 << 20)
                                        .maxHeaderListSize(LARGEST_HEAD))
                                .build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel pushed) {
                                pushed.close();
                            }
                        }));
        channel.config().setAutoRead(true);
        multiplexed.put(key, channel);
        channel.closeFuture().addListener(closed -> multiplexed.remove(key, channel));
        stream(key.loop(), channel).addListener((Future<Lease> opened) -> {
            if (opened.isSuccess()) {
                lease.setSuccess(opened.getNow());
            } else {
                lease.setFailure(opened.cause());
            }
        });
    }

    private static Future<Lease> stream(EventLoop loop, Channel connection) {
        Promise<Lease> lease = loop.newPromise();
        new Http2StreamChannelBootstrap(connection)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false));
                    }
                })
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> {
                    if (opened.isSuccess()) {
                        lease.setSuccess(new Lease(opened.getNow(), false, true));
                    } else {
                        lease.setFailure(opened.cause());
                    }
                });
        return lease;
    }

    private @Nullable Channel poll(Key key) {
        Deque<Channel> channels = idle.get(key);
        for (Channel channel = channels == null ? null : channels.pollLast();
                channel != null && channels != null;
                channel = channels.pollLast()) {
            idleCount.decrementAndGet();
            channel.pipeline().remove(Idle.class);
            channel.config().setAutoRead(false);
            if (channel.isActive()) {
                return channel;
            }
        }
        return null;
    }

    /** Takes back a connection whose exchange is complete. Called on its loop. */
    void release(Channel channel, String serverName, boolean upgrade) {
        Key key = new Key(channel.eventLoop(), serverName, upgrade || tlsWithHttp2 == null);
        if (isClosed || !channel.isActive() || idleCount.incrementAndGet() > settings.keepAliveConnections()) {
            channel.close();
            if (!isClosed && channel.isActive()) {
                idleCount.decrementAndGet();
            }
            return;
        }
        Deque<Channel> channels = idle.computeIfAbsent(key, k -> new ArrayDeque<>());
        channel.pipeline().addLast(new Idle(channels));
        channels.addLast(channel);
        channel.config().setAutoRead(true);
    }

    /** Closes what is idle and keeps nothing from now on; running requests go on. */
    void close() {
        isClosed = true;
        idle.forEach((key, channels) ->
                key.loop().execute(() -> java.util.List.copyOf(channels).forEach(Channel::close)));
        multiplexed.forEach((key, channel) -> key.loop().schedule(() -> closeWhenQuiet(channel), 1, TimeUnit.SECONDS));
    }

    private static void closeWhenQuiet(Channel channel) {
        var codec = channel.pipeline().get(io.netty.handler.codec.http2.Http2FrameCodec.class);
        if (codec == null || codec.connection().numActiveStreams() == 0) {
            channel.close();
        } else {
            channel.eventLoop().schedule(() -> closeWhenQuiet(channel), 1, TimeUnit.SECONDS);
        }
    }

    /** Watches over an idle connection: whatever happens to it makes it unfit. */
    private final class Idle extends ChannelInboundHandlerAdapter {
        private final Deque<Channel> home;
        private @Nullable Future<?> expiry;

        Idle(Deque<Channel> home) {
            this.home = home;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            expiry = ctx.executor()
                    .schedule(() -> ctx.close(), settings.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            if (expiry != null) {
                expiry.cancel(false);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (home.remove(ctx.channel())) {
                idleCount.decrementAndGet();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
