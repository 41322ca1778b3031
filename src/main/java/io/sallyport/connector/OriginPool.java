package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
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
 * origin that chose HTTP/2 gets one connection per loop and server name. {@link OriginDialer} opens them.
 */
final class OriginPool {
    private final OriginDialer dialer;
    private final OriginSettings settings;
    /** Each queue belongs to its key's loop; the map is shared, for {@link #close}. */
    private final Map<Key, Deque<Channel>> idle = new ConcurrentHashMap<>();

    private final Map<Key, Channel> multiplexed = new ConcurrentHashMap<>();
    private final AtomicInteger idleCount = new AtomicInteger();
    private volatile boolean isClosed;

    /**
     * Connections with the same key are interchangeable.
     *
     * @param serverName the name in the TLS certificate; empty without TLS
     * @param mayChooseHttp2 whether HTTP/2 is offered to the origin
     */
    private record Key(EventLoop loop, String serverName, boolean mayChooseHttp2) {}

    /**
     * A connection, or a stream of one, for one request.
     *
     * @param isReused whether the origin may have closed it just now
     */
    record Lease(Channel channel, boolean isReused, boolean isMultiplexed) {}

    /**
     * What a request needs of its connection.
     *
     * @param serverName the name that the TLS certificate must have
     * @param upgrade whether the request asks for an upgrade, which needs HTTP/1.1
     */
    record Need(String serverName, boolean upgrade) {}

    /** @throws InvalidConfiguration when the rule's certificates cannot be read */
    OriginPool(Service service, OriginSettings settings, OriginProxies proxies) {
        this.dialer = new OriginDialer(service, settings, proxies);
        this.settings = settings;
    }

    /** A connection for one request: an idle one, or a new one. */
    Future<Lease> acquire(EventLoop loop, Need need) {
        Key key = key(loop, need);
        Channel pooled = shared(key) == null ? poll(key) : null;
        return pooled == null ? acquireFresh(loop, need) : loop.newSucceededFuture(new Lease(pooled, true, false));
    }

    /** A connection that was never used, or a stream of its own on one that many share. */
    Future<Lease> acquireFresh(EventLoop loop, Need need) {
        Key key = key(loop, need);
        Promise<Lease> lease = loop.newPromise();
        Channel shared = shared(key);
        if (shared == null) {
            dialer.dial(loop, key.serverName(), key.mayChooseHttp2()).addListener((Future<Channel> dialled) -> {
                if (dialled.isSuccess()) {
                    begin(key, dialled.getNow(), lease);
                } else {
                    lease.setFailure(dialled.cause());
                }
            });
        } else {
            stream(shared, true, lease);
        }
        return lease;
    }

    private @Nullable Channel shared(Key key) {
        Channel shared = multiplexed.get(key);
        return shared != null && shared.isActive() ? shared : null;
    }

    private Key key(EventLoop loop, Need need) {
        return new Key(loop, dialer.isSecure() ? need.serverName() : "", dialer.mayChooseHttp2() && !need.upgrade());
    }

    private void begin(Key key, Channel fresh, Promise<Lease> lease) {
        if (OriginDialer.isHttp2(fresh)) {
            share(key, fresh);
            stream(fresh, false, lease);
        } else {
            fresh.pipeline().addLast(new Idle(key));
            lease.setSuccess(new Lease(fresh, false, false));
        }
    }

    /** The head as the service, or the proxy on the way to it, expects it. */
    HttpRequest addressed(HttpRequest head) {
        return dialer.addressed(head);
    }

    /** Keeps a connection for all further requests; of two that were dialled concurrently the later one. */
    private void share(Key key, Channel channel) {
        channel.pipeline().addLast(new Http2Idle(settings.keepAliveTimeout(), () -> multiplexed.remove(key, channel)));
        Channel before = multiplexed.put(key, channel);
        if (before != null) {
            Http2Idle.retire(before);
        }
    }

    private static void stream(Channel connection, boolean isReused, Promise<Lease> lease) {
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
        return dialer.toString();
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
        private @Nullable Future<?> timer;

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
            if (timer == null) {
                lookIn(settings.keepAliveTimeout().toNanos());
            }
        }

        void ends() {
            isIdle = false;
        }

        private void lookIn(long nanos) {
            ChannelHandlerContext ctx = context;
            timer = ctx == null ? null : ctx.executor().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        }

        private void look() {
            timer = null;
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
            if (timer != null) {
                timer.cancel(false);
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
