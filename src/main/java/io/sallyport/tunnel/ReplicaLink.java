package io.sallyport.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection to another replica. Its streams use the format of connectors, with the tunnel's id as an additional
 * field, so that one codec reads both.
 */
final class ReplicaLink {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLink.class);
    private static final int CONNECT_MILLIS = 1_000;

    /** Whoever has chosen a link just before it was replaced opens a stream within this time. */
    private static final long LINGER_SECONDS = 2;

    /**
     * What is needed to open links.
     *
     * @param loops one of them for each link
     * @param mostRequests a link should be replaced by a new one after half as many requests to this many, because
     *     stream ids are never used again (RFC 9113 §5.1.1)
     */
    record Dialler(EventLoopGroup loops, Class<? extends SocketChannel> sockets, ReplicaTls tls, long mostRequests) {}

    private final UUID replica;
    private final Consumer<ReplicaLink> ended;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong requests = new AtomicLong();
    private final long mostRequests;
    /** Completes when the other replica has accepted this one. */
    private final Promise<Channel> ready;

    private final EventLoop loop;
    private final TunnelTraffic traffic = new TunnelTraffic();
    private volatile boolean isEnding;
    private volatile boolean isReplaced;

    /**
     * Dials.
     *
     * @param ended gets this link once, when it has closed or could not be opened
     */
    ReplicaLink(Dialler dialler, UUID replica, InetSocketAddress address, Consumer<ReplicaLink> ended) {
        this.replica = replica;
        this.ended = ended;
        this.loop = dialler.loops().next();
        long most = dialler.mostRequests();
        this.mostRequests = ThreadLocalRandom.current().nextLong(most / 2, most + 1);
        this.ready = loop.newPromise();
        new Bootstrap()
                .group(loop)
                .channel(dialler.sockets())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new Speech(dialler.tls()))
                .connect(address)
                .addListener(dialled -> {
                    if (!dialled.isSuccess()) {
                        over(dialled.cause());
                    }
                });
    }

    /** Whether requests may go here: the link is open, or still being opened. */
    boolean isUsable() {
        return !isEnding && !isReplaced && (!ready.isDone() || ready.isSuccess());
    }

    /** Whether the link is open. */
    boolean isReady() {
        return ready.isSuccess();
    }

    /** Whether it has carried so many requests that a new link should take its place. */
    boolean isWorn() {
        return requests.get() >= mostRequests;
    }

    boolean isFull() {
        return outstanding.get() >= TunnelConnection.MOST_STREAMS;
    }

    int outstanding() {
        return outstanding.get();
    }

    /** As {@link TunnelPath#open}. */
    Future<? extends Channel> open(TunnelAddress to, ChannelHandler consumer) {
        Promise<Channel> opening = loop.newPromise();
        opening.addListener(opened -> {
            if (opened.isSuccess()) {
                ((Channel) opened.getNow()).closeFuture().addListener(closed -> finished());
            } else {
                finished();
            }
        });
        if (outstanding.incrementAndGet() > TunnelConnection.MOST_STREAMS || isEnding) {
            opening.setFailure(TunnelFailure.notSent("the link takes no more"));
            return opening;
        }
        requests.incrementAndGet();
        ready.addListener(let -> {
            if (let.isSuccess()) {
                stream(ready.getNow(), to, consumer, opening);
            } else {
                opening.setFailure(TunnelFailure.notSent("the replica cannot be reached"));
            }
        });
        return opening;
    }

    private void stream(Channel channel, TunnelAddress to, ChannelHandler consumer, Promise<Channel> opening) {
        new Http2StreamChannelBootstrap(channel)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline()
                                .addLast(new Mark(to), new Http2StreamCodec(traffic), new Acceptance(stream), consumer);
                    }
                })
                .open()
                .addListener(opened -> {
                    if (opened.isSuccess()) {
                        opening.setSuccess((Channel) opened.getNow());
                    } else {
                        opening.setFailure(TunnelFailure.notSent("no stream could be opened"));
                    }
                });
    }

    private void finished() {
        if (outstanding.decrementAndGet() == 0 && isEnding) {
            close();
        }
    }

    /** Another link takes the place of this one, which {@link #retire retires} when those who have chosen it are through. */
    void replace() {
        isReplaced = true;
        loop.schedule(this::retire, LINGER_SECONDS, TimeUnit.SECONDS);
    }

    /** Allows no new streams; the link closes when the last one ends. */
    void retire() {
        isEnding = true;
        if (outstanding.get() == 0) {
            close();
        }
    }

    private void close() {
        ready.addListener(let -> {
            if (let.isSuccess()) {
                ready.getNow().close();
            }
        });
    }

    private void over(Throwable cause) {
        if (ready.tryFailure(cause)) {
            LOG.info("replica {} cannot be reached: {}", replica, cause.toString());
        }
        isEnding = true;
        ended.accept(this);
    }

    /** Adds the fields that name the tunnel and, if required, the connector. */
    private static final class Mark extends ChannelOutboundHandlerAdapter {
        private final TunnelAddress to;

        Mark(TunnelAddress to) {
            this.to = to;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof Http2HeadersFrame head) {
                head.headers().set(ForwardedCodec.TUNNEL, to.tunnel().toString());
                if (to.connector() != null) {
                    head.headers().set(ForwardedCodec.CONNECTOR, to.connector().toString());
                }
            }
            ctx.write(message, promise);
        }
    }

    /** TLS, then HTTP/2 as the client. */
    private final class Speech extends ChannelInitializer<Channel> {
        private final ReplicaTls tls;

        Speech(ReplicaTls tls) {
            this.tls = tls;
        }

        @Override
        protected void initChannel(Channel channel) {
            Http2FrameCodec codec = TunnelHttp2.client().build();
            FrameBudget.limit(codec);
            channel.pipeline()
                    .addLast(
                            tls.dialling(channel.alloc(), replica),
                            new LateFrames(codec),
                            codec,
                            new Http2MultiplexHandler(new TunnelHttp2.Refused()),
                            new Pings(nanos -> {}, channel::close),
                            new State(codec));
        }
    }

    /** Follows the state of the connection. */
    private final class State extends ChannelInboundHandlerAdapter {
        private final Http2FrameCodec codec;
        private Throwable cause = new ClosedChannelException();

        State(Http2FrameCodec codec) {
            this.codec = codec;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            TunnelHttp2.widen(codec);
            ctx.flush();
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case Http2SettingsFrame _ -> ready.trySuccess(ctx.channel());
                case Http2GoAwayFrame _ -> retire();
                default -> {}
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            over(cause);
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            cause = failure;
            ctx.close();
        }
    }
}
