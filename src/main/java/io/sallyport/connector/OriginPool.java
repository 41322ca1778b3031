package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the HTTP service of one rule. A connection belongs to the event loop on which it was opened and is
 * reused only there; it is closed after an idle time, and immediately when the origin sends anything unrequested. An
 * origin that chose HTTP/2 gets one connection per loop and server name. If the environment names a proxy for the
 * service, connections go through the proxy.
 */
final class OriginPool {
    private static final int LONGEST_LINE = 64 << 10;
    private static final int LARGEST_HEAD = 1 << 20;

    private final Service service;
    private final OriginSettings settings;
    private final OriginProxies.@Nullable Proxy proxy;
    private final @Nullable SslContext tls;
    private final @Nullable SslContext tlsWithHttp2;
    private final Map<Key, Deque<Channel>> idle = new ConcurrentHashMap<>();
    private final Map<Key, Channel> multiplexed = new ConcurrentHashMap<>();
    private final AtomicInteger idleCount = new AtomicInteger();
    private volatile boolean isClosed;

    /** Connections with the same loop and TLS server name are interchangeable; without TLS the name is empty. */
    private record Key(EventLoop loop, String serverName, boolean plainHttp) {}

    /**
     * A connection, or a stream of one, for one request.
     *
     * @param isReused whether the origin may have closed it just now
     */
    record Lease(Channel channel, boolean isReused, boolean isMultiplexed) {}

    /** @throws InvalidConfiguration when the rule's certificates cannot be read */
    OriginPool(Service service, OriginSettings settings, OriginProxies proxies) {
        this.service = service;
        this.settings = settings;
        this.proxy = service instanceof Service.Http http ? proxies.of(http).orElse(null) : null;
        boolean secure = switch (service) {
            case Service.Http http -> http.tls();
            case Service.Unix unix -> unix.tls();
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ -> false;
        };
        this.tls = secure ? OriginTls.context(settings, false) : null;
        this.tlsWithHttp2 = secure && settings.http2Origin() ? OriginTls.context(settings, true) : null;
    }

    /**
     * What a request needs of its connection.
     *
     * @param serverName the name that the TLS certificate must have
     * @param upgrade whether the request asks for an upgrade, which needs HTTP/1.1
     */
    record Need(String serverName, boolean upgrade) {}

    /** A connection for one request: an idle one, or a new one. */
    Future<Lease> acquire(EventLoop loop, Need need) {
        Key key = key(loop, need);
        Channel pooled = shared(key) == null ? poll(key) : null;
        return pooled == null ? acquireFresh(loop, need) : loop.newSucceededFuture(new Lease(pooled, true, false));
    }

    /** A connection that was never used, or a stream of its own on one that many share. */
    Future<Lease> acquireFresh(EventLoop loop, Need need) {
        Key key = key(loop, need);
        Channel shared = shared(key);
        if (shared != null) {
            return stream(loop, shared, true);
        }
        Promise<Lease> lease = loop.newPromise();
        dial(loop).addListener((Future<Channel> dialled) -> {
            if (dialled.isSuccess()) {
                secure(key, dialled.getNow(), lease);
            } else {
                lease.setFailure(dialled.cause());
            }
        });
        return lease;
    }

    private @Nullable Channel shared(Key key) {
        Channel shared = multiplexed.get(key);
        return shared != null && shared.isActive() ? shared : null;
    }

    private Key key(EventLoop loop, Need need) {
        return new Key(loop, tls == null ? "" : need.serverName(), need.upgrade() || tlsWithHttp2 == null);
    }

    /** The head with an absolute-form target if a forwarding proxy is used (RFC 9112 §3.2.2). */
    HttpRequest addressed(HttpRequest head) {
        if (service instanceof Service.Http http && proxy != null && proxy.isForwarding(http)) {
            head.setUri(http.origin() + head.uri());
            proxy.authorization().ifPresent(secret -> head.headers().set(HttpHeaderNames.PROXY_AUTHORIZATION, secret));
        }
        return head;
    }

    private Future<Channel> dial(EventLoop loop) {
        Dialer.Manner manner = Dialer.Manner.of(settings);
        return switch (service) {
            case Service.Http http ->
                proxy == null ? Dialer.connect(loop, http.host(), http.port(), manner) : proxy.dial(loop, http, manner);
            case Service.Unix unix -> Dialer.connect(loop, unix.path(), manner);
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ ->
                loop.newFailedFuture(new IllegalStateException("not an HTTP service"));
        };
    }

    private void secure(Key key, Channel channel, Promise<Lease> lease) {
        SslContext context = key.plainHttp() ? tls : tlsWithHttp2;
        if (context == null) {
            lease.setSuccess(http1(key, channel));
            return;
        }
        SslHandler handler = context.newHandler(channel.alloc(), key.serverName(), -1);
        handler.setHandshakeTimeoutMillis(settings.tlsTimeout().toMillis());
        channel.pipeline().addLast(handler, new HandshakeErrors());
        handler.handshakeFuture().addListener(shaken -> {
            if (!shaken.isSuccess()) {
                channel.close();
                lease.setFailure(shaken.cause());
                return;
            }
            channel.pipeline().remove(HandshakeErrors.class);
            if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                http2(key, channel, lease);
            } else {
                lease.setSuccess(http1(key, channel));
            }
        });
        channel.read();
    }

    private Lease http1(Key key, Channel channel) {
        channel.pipeline()
                .addLast(new HttpClientCodec(
                        new HttpDecoderConfig()
                                .setMaxInitialLineLength(LONGEST_LINE)
                                .setMaxHeaderSize(LARGEST_HEAD)
                                .setMaxChunkSize(64 << 10),
                        false,
                        false))
                .addLast(new Idle(key));
        return new Lease(channel, false, false);
    }

    private void http2(Key key, Channel channel, Promise<Lease> lease) {
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forClient()
                                // Requests beyond the origin's limit of concurrent streams wait.
                                .encoderEnforceMaxConcurrentStreams(true)
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
        share(key, channel);
        stream(key.loop(), channel, false).addListener((Future<Lease> opened) -> {
            if (opened.isSuccess()) {
                lease.setSuccess(opened.getNow());
            } else {
                lease.setFailure(opened.cause());
            }
        });
    }

    /** Keeps a connection for all further requests; of two that were dialled concurrently the later one. */
    private void share(Key key, Channel channel) {
        channel.pipeline().addLast(new Http2Idle(settings.keepAliveTimeout(), () -> multiplexed.remove(key, channel)));
        Channel before = multiplexed.put(key, channel);
        if (before != null) {
            Http2Idle.retire(before);
        }
    }

    private static Future<Lease> stream(EventLoop loop, Channel connection, boolean isReused) {
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
                        lease.setSuccess(new Lease(opened.getNow(), isReused, true));
                    } else {
                        lease.setFailure(opened.cause());
                    }
                });
        return lease;
    }

    private @Nullable Channel poll(Key key) {
        Deque<Channel> channels = idle.get(key);
        Channel found = null;
        while (channels != null && found == null && !channels.isEmpty()) {
            Channel channel = channels.removeLast();
            idleCount.decrementAndGet();
            channel.pipeline().get(Idle.class).ends();
            found = channel.isActive() ? channel : null;
        }
        forget(key, channels);
        return found;
    }

    /** Removes a key with its last connection, because server names can come from requests and must not accumulate. */
    private void forget(Key key, @Nullable Deque<Channel> channels) {
        if (channels != null && channels.isEmpty()) {
            idle.remove(key, channels);
        }
    }

    /** Takes back a connection whose exchange is complete. Called on its loop. */
    void release(Channel channel, Need need) {
        if (isClosed || !channel.isActive()) {
            channel.close();
        } else if (idleCount.incrementAndGet() > settings.keepAliveConnections()) {
            idleCount.decrementAndGet();
            channel.close();
        } else {
            channel.pipeline().get(Idle.class).begins();
            idle.computeIfAbsent(key(channel.eventLoop(), need), k -> new ArrayDeque<>())
                    .addLast(channel);
            channel.config().setAutoRead(true);
        }
    }

    /** Makes a plain byte stream of a connection whose origin has accepted an upgrade. */
    void letGo(Channel channel) {
        channel.pipeline().remove(Idle.class);
        channel.pipeline().remove(HttpClientCodec.class);
    }

    /** The service, for log messages. */
    @Override
    public String toString() {
        return service.toString();
    }

    /** Closes idle connections and keeps none from now on; running requests go on. */
    void close() {
        isClosed = true;
        idle.forEach((key, channels) ->
                key.loop().execute(() -> List.copyOf(channels).forEach(Channel::close)));
        multiplexed.forEach((key, channel) -> Http2Idle.retire(channel));
    }

    /**
     * Watches a connection while it is idle: any event ends it then, and so does the keep-alive timeout. One timer per period serves
     * all times that the connection is idle in it, because a timer each time, and a handler put in and taken out, cost more than the
     * rest of the pool. Confined to the connection's event loop.
     */
    private final class Idle extends ChannelInboundHandlerAdapter {
        private final Key key;
        private boolean isIdle;
        private long sinceNanos;
        private @Nullable ChannelHandlerContext context;
        private @Nullable Future<?> look;

        Idle(Key key) {
            this.key = key;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        void begins() {
            isIdle = true;
            sinceNanos = now();
            if (look == null) {
                lookIn(settings.keepAliveTimeout().toNanos());
            }
        }

        void ends() {
            isIdle = false;
        }

        private void lookIn(long nanos) {
            ChannelHandlerContext ctx = context;
            look = ctx == null ? null : ctx.executor().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        }

        private void look() {
            look = null;
            long left = sinceNanos + settings.keepAliveTimeout().toNanos() - now();
            if (isIdle && left > 0) {
                lookIn(left);
            } else if (isIdle && context != null) {
                context.close();
            }
        }

        private long now() {
            return key.loop().ticker().nanoTime();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            if (look != null) {
                look.cancel(false);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (isIdle) {
                ReferenceCountUtil.release(message);
                ctx.close();
            } else {
                ctx.fireChannelRead(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            Deque<Channel> home = idle.get(key);
            if (isIdle && home != null && home.remove(ctx.channel())) {
                idleCount.decrementAndGet();
                forget(key, home);
            }
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (isIdle) {
                ctx.close();
            } else {
                ctx.fireExceptionCaught(cause);
            }
        }
    }
}
