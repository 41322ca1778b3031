package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.sallyport.http.FrameQuota;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.UpdateConfiguration;
import io.sallyport.tunnel.wire.WideWindows;
import io.sallyport.tunnel.wire.WireRefusal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection over QUIC (tunnel-transport.md §4): the connector opens the control stream, we open one for each request. */
final class QuicTransport implements TunnelTransport {
    static final AttributeKey<QuicTransport> ATTRIBUTE = AttributeKey.valueOf("sallyport.tunnel");

    private static final Logger LOG = LoggerFactory.getLogger(QuicTransport.class);
    private static final Duration ROUND = Duration.ofMillis(500);
    private static final int SILENT_ROUNDS = 7;
    /** A connector with a shorter round trip is on the same machine or next to it. */
    private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long PATIENCE_SECONDS = 5;
    private static final int LONGEST_ANSWER = 64 * 1024;
    /** RPC messages accepted on a stream other than the control stream; a legitimate exchange is one call. */
    private static final int MESSAGES = 100;
    /** Streams a connector may open in {@link #A_WHILE} in addition to its control stream; cloudflared opens none here (§4.4). */
    private static final int SIDE_STREAMS = 64;

    private static final Duration A_WHILE = Duration.ofSeconds(10);

    private final QuicChannel channel;
    private final Newcomers newcomers;
    private final WideWindows windows;
    private final String remoteAddress;
    private final TunnelTraffic traffic = new TunnelTraffic();
    private final AtomicReference<String> reason = new AtomicReference<>(LEFT);
    private long packets;
    private long shortestRoundTrip = Long.MAX_VALUE;
    private int silentRounds;
    private volatile long roundTripNanos;
    private boolean findsEndsByLength;
    private boolean isFarOrLossy = true;
    private volatile boolean isLeaving;
    private boolean isSettled;
    private final FrameQuota sideStreams = new FrameQuota(SIDE_STREAMS, A_WHILE);

    /**
     * @param newcomers is told when the connection has registered or closed
     * @param windows budget for widening the windows of streams that are read fast
     */
    QuicTransport(QuicChannel channel, Newcomers newcomers, WideWindows windows) {
        this.channel = channel;
        this.newcomers = newcomers;
        this.windows = windows;
        this.remoteAddress =
                channel.remoteSocketAddress() instanceof InetSocketAddress address && address.getAddress() != null
                        ? address.getAddress().getHostAddress()
                        : "unknown";
        var measuring = channel.eventLoop()
                .scheduleAtFixedRate(this::measure, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> measuring.cancel(false));
    }

    /**
     * Measures the round trip and detects a dead connector: it pings every second, so a few rounds without a packet
     * mean that it is gone. QUIC's own idle timer may take longer.
     */
    private void measure() {
        channel.collectPathStats(0).addListener(collected -> {
            if (!collected.isSuccess() || !(collected.getNow() instanceof QuicConnectionPathStats path)) {
                return;
            }
            roundTripNanos = path.rtt();
            shortestRoundTrip = Math.min(shortestRoundTrip, roundTripNanos);
            isFarOrLossy = shortestRoundTrip > NEAR_NANOS || path.lost() > 0;
            silentRounds = path.recv() == packets ? silentRounds + 1 : 0;
            packets = path.recv();
            if (silentRounds == SILENT_ROUNDS) {
                close("it fell silent");
            }
        });
    }

    @Override
    public TunnelProtocol protocol() {
        return TunnelProtocol.QUIC;
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public EventExecutor executor() {
        return channel.eventLoop();
    }

    @Override
    public void settled(List<String> features) {
        isSettled = true;
        findsEndsByLength = features.contains(ConnectRequest.ENDS_BY_LENGTH);
        newcomers.settled(channel);
    }

    /** Whether the connector has registered. To be called on the event loop. */
    boolean isSettled() {
        return isSettled;
    }

    @Override
    public Future<? extends Channel> openStream(ChannelHandler consumer) {
        return channel.createStream(
                QuicStreamType.BIDIRECTIONAL, new QuicStreamCodec(traffic, windows, this::keepsRequestsOpen, consumer));
    }

    /**
     * Whether requests are left open until their answers have ended. The QUIC library of our connectors forgets a stream when both its
     * directions seem complete, and then does not send a lost FIN again (quiche issue 2525); the visitor would wait for ever. The price is a
     * packet for each request, so it is not paid where packets are not lost. On the event loop.
     */
    private boolean keepsRequestsOpen() {
        return findsEndsByLength && isFarOrLossy;
    }

    /**
     * Uses a stream of its own that begins with the RPC signature; the connector closes it after five seconds (§4.4).
     */
    @Override
    public void pushConfiguration(int version, String json, IntConsumer applied) {
        channel.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.config().setAllowHalfClosure(true);
                QuicStreamEnds.watch(stream);
                stream.pipeline().addLast(ReadWhileWritable.INSTANCE, new PushedConfiguration(version, json, applied));
            }
        });
    }

    /**
     * Accepts a stream that the connector opened in addition to its control stream. Opening and resetting one costs the connector a few
     * bytes and the edge a channel, so their rate is limited (TU-07).
     */
    void sideStream(QuicStreamChannel stream) {
        if (sideStreams.admitsOneMore()) {
            stream.pipeline().addLast(ReadWhileWritable.INSTANCE, new SideStream(this, stream));
        } else {
            stream.close();
            close("it broke the protocol: too many streams");
        }
    }

    /**
     * The connector has closed its end. QUIC waits three probe timeouts before it ends a connection (RFC 9000 §10.2.2), so that
     * what was answered before can still be read; a request sent meanwhile would be lost.
     */
    void leaves() {
        isLeaving = true;
    }

    /** QUIC has no message for this; the connector only sees the end itself. */
    @Override
    public void announceEnd() {}

    @Override
    public void close(String why) {
        reason.compareAndSet(LEFT, why);
        channel.close(true, 0, Unpooled.EMPTY_BUFFER);
    }

    @Override
    public String reason() {
        return channel.isTimedOut() ? "it fell silent" : reason.get();
    }

    @Override
    public TunnelTraffic traffic() {
        return traffic;
    }

    @Override
    public boolean isOpen() {
        return channel.isActive() && !isLeaving && reason.get().equals(LEFT); // closing takes QUIC some time
    }

    @Override
    public void onClose(Runnable then) {
        channel.closeFuture().addListener(closed -> then.run());
    }

    @Override
    public Duration roundTrip() {
        return Duration.ofNanos(roundTripNanos);
    }

    /** An RPC conversation on a stream other than the control stream. It offers the connector no methods. */
    private static RpcConnection aside(Consumer<ByteBuf> sink) {
        return new RpcConnection(sink, new NoService(), LONGEST_ANSWER)
                .paced(new FrameQuota(MESSAGES, Duration.ofSeconds(PATIENCE_SECONDS))::admitsOneMore);
    }

    /** Sends the connector new rules. */
    private static final class PushedConfiguration extends SimpleChannelInboundHandler<ByteBuf> {
        private final int version;
        private final String json;
        private final IntConsumer applied;
        private @Nullable RpcConnection rpc;

        PushedConfiguration(int version, String json, IntConsumer applied) {
            this.version = version;
            this.json = json;
            this.applied = applied;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ByteBuf signature = ctx.alloc().buffer(8);
            StreamSignature.RPC.write(signature);
            ctx.write(signature);
            RpcConnection conversation = aside(ctx::writeAndFlush);
            rpc = conversation;
            conversation.call(
                    UpdateConfiguration.INTERFACE,
                    UpdateConfiguration.METHOD,
                    new UpdateConfiguration(version, json.getBytes(StandardCharsets.UTF_8)).params(),
                    answer -> answered(ctx, answer));
            ctx.executor().schedule(() -> ctx.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            ctx.fireChannelActive();
        }

        private void answered(ChannelHandlerContext ctx, Answer answer) {
            switch (answer) {
                case Answer.Results results -> {
                    UpdateConfiguration.Applied said = UpdateConfiguration.Applied.read(results.content());
                    if (said.error().isEmpty()) {
                        LOG.info("configuration {} is applied", said.latestAppliedVersion());
                        applied.accept(said.latestAppliedVersion());
                    } else {
                        LOG.warn(
                                "configuration {} was refused: {}",
                                version,
                                said.error().replaceAll("[^ -~]", "?"));
                    }
                }
                case Answer.Failed failed ->
                    LOG.warn(
                            "configuration {} was not accepted: {}",
                            version,
                            failed.reason().replaceAll("[^ -~]", "?"));
            }
            RpcConnection conversation = rpc;
            if (conversation != null) {
                conversation.goodbye();
            }
            ((QuicStreamChannel) ctx.channel()).shutdownOutput();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            try {
                if (rpc != null) {
                    rpc.receive(bytes);
                }
            } catch (WireRefusal refused) {
                LOG.info("configuration {}: {}", version, refused.getMessage());
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** A stream that the connector opened beside its control stream, for RPC; we offer no methods there. */
    static final class SideStream extends ChannelInboundHandlerAdapter {
        private final QuicTransport transport;
        private final ByteBuf head = Unpooled.buffer(8);
        private boolean isSigned;
        private final RpcConnection rpc;

        SideStream(QuicTransport transport, QuicStreamChannel stream) {
            this.transport = transport;
            this.rpc = aside(stream::writeAndFlush);
            var ending = stream.eventLoop().schedule(() -> stream.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            stream.closeFuture().addListener(closed -> ending.cancel(false));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                if (isSigned) {
                    rpc.receive(bytes);
                    return;
                }
                head.writeBytes(bytes);
                var signature = StreamSignature.read(head);
                if (signature.isPresent()) {
                    if (signature.get() != StreamSignature.RPC) {
                        throw new WireRefusal("a request from the wrong end");
                    }
                    isSigned = true;
                    rpc.receive(head);
                }
            } catch (WireRefusal refused) {
                LOG.info("{} is disconnected: {}", transport.remoteAddress(), refused.getMessage());
                transport.close("it broke the protocol: " + refused.getMessage());
            } finally {
                bytes.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
