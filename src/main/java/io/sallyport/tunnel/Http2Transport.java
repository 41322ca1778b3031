package io.sallyport.tunnel;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection over HTTP/2: the connector is the HTTP/2 server, we are its client on a channel that it opened. Stands behind
 * the multiplexer; opens the control stream when the connector's SETTINGS have arrived, and sends pings, because the connector
 * does not.
 */
final class Http2Transport extends ChannelDuplexHandler implements TunnelTransport {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Transport.class);

    private final Channel channel;
    private final Registrar registrar;
    private final Newcomers newcomers;
    private final TunnelTraffic traffic = new TunnelTraffic();
    private final AtomicReference<String> reason = new AtomicReference<>(LEFT);
    private boolean isStarted;
    private volatile long roundTripNanos;
    private volatile boolean isGoingAway;

    /** @param newcomers is told when the connection has registered or closed */
    Http2Transport(Channel channel, Registrar registrar, Newcomers newcomers) {
        this.channel = channel;
        this.registrar = registrar;
        this.newcomers = newcomers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2SettingsFrame _ when !isStarted -> start(ctx);
            case Http2GoAwayFrame _ -> isGoingAway = true;
            default -> {}
        }
        ReferenceCountUtil.release(message);
    }

    /**
     * Whether the connector's SETTINGS have arrived and the control stream was opened. To be called on the event loop.
     */
    boolean isStarted() {
        return isStarted;
    }

    private void start(ChannelHandlerContext ctx) {
        isStarted = true;
        open(new ControlStart(), true);
        ctx.pipeline()
                .addBefore(
                        ctx.name(),
                        null,
                        new Pings(nanos -> roundTripNanos = nanos, () -> close("no answer to pings")));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.info("{} is disconnected: {}", remoteAddress(), cause.toString());
        close(
                cause instanceof Http2Exception
                        ? "it broke the protocol: " + cause.getMessage()
                        : "the connection broke");
    }

    @Override
    public TunnelProtocol protocol() {
        return TunnelProtocol.HTTP2;
    }

    @Override
    public String remoteAddress() {
        return channel.remoteAddress() instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : "unknown";
    }

    @Override
    public EventExecutor executor() {
        return channel.eventLoop();
    }

    @Override
    public void settled(List<String> features) {
        newcomers.settled(channel);
    }

    @Override
    public Future<? extends Channel> openStream(ChannelHandler consumer) {
        return open(
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Http2StreamCodec(traffic), consumer);
                    }
                },
                false);
    }

    private Future<? extends Channel> open(ChannelHandler handler, boolean autoRead) {
        return new Http2StreamChannelBootstrap(channel)
                .option(ChannelOption.AUTO_READ, autoRead)
                .handler(handler)
                .open();
    }

    @Override
    public void pushConfiguration(int version, String json, IntConsumer applied) {
        open(new Http2ConfigurationPush(version, json, applied), true);
    }

    @Override
    public void announceEnd() {
        channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR, Unpooled.EMPTY_BUFFER));
    }

    @Override
    public void close(String why) {
        reason.compareAndSet(LEFT, why);
        channel.close();
    }

    @Override
    public String reason() {
        return reason.get();
    }

    @Override
    public TunnelTraffic traffic() {
        return traffic;
    }

    @Override
    public boolean isOpen() {
        return channel.isActive() && !isGoingAway;
    }

    @Override
    public void onClose(Runnable then) {
        channel.closeFuture().addListener(closed -> then.run());
    }

    @Override
    public Duration roundTrip() {
        return Duration.ofNanos(roundTripNanos);
    }

    /**
     * Opens the control stream: a request that stays open and whose response body carries the connector's messages.
     */
    private final class ControlStart extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline()
                    .addLast(
                            new Http2ByteCodec(),
                            ReadWhileWritable.INSTANCE,
                            new ControlStream(registrar, Http2Transport.this));
            stream.eventLoop()
                    .execute(() -> stream.writeAndFlush(new DefaultHttp2HeadersFrame(
                            new DefaultHttp2Headers()
                                    .method("GET")
                                    .scheme("http")
                                    .authority("localhost:8080")
                                    .path("/")
                                    .set(TunnelHeaders.UPGRADE, String.valueOf(RequestKind.CONTROL.upgrade())),
                            false)));
        }
    }
}
