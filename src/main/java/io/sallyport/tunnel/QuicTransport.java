package io.sallyport.tunnel;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
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
import io.sallyport.tunnel.wire.WideWindows;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** A connection over QUIC: the connector opens the control stream, we open one for each request. */
final class QuicTransport implements TunnelTransport {
    static final AttributeKey<QuicTransport> ATTRIBUTE = AttributeKey.valueOf("sallyport.tunnel");

    /** Between two measurements. */
    private static final Duration ROUND = Duration.ofMillis(500);
    /** Rounds without a packet after which a connector is dead; a live one pings every second. */
    private static final int SILENT_ROUNDS = 7;

    /** Streams a connector may open in {@link #A_WHILE} in addition to its control stream; cloudflared opens none here. */
    private static final int SIDE_STREAMS = 64;

    private static final Duration A_WHILE = Duration.ofSeconds(10);

    private final QuicChannel channel;
    private final Newcomers newcomers;
    private final WideWindows windows;
    private final String remoteAddress;
    private final TunnelTraffic traffic = new TunnelTraffic();
    private final AtomicReference<String> reason = new AtomicReference<>(LEFT);
    private final FrameQuota sideStreams = new FrameQuota(SIDE_STREAMS, A_WHILE);
    private long packets;
    private int silentRounds;
    private volatile long roundTripNanos;
    private boolean marksEnds;
    private volatile boolean isLeaving;
    private boolean isSettled;

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
        marksEnds = features.contains(ConnectRequest.MARKS_ENDS);
        newcomers.settled(channel);
    }

    /** Whether the connector has registered. To be called on the event loop. */
    boolean isSettled() {
        return isSettled;
    }

    @Override
    public Future<? extends Channel> openStream(ChannelHandler consumer) {
        return channel.createStream(
                QuicStreamType.BIDIRECTIONAL, new QuicStreamCodec(traffic, windows, () -> marksEnds, consumer));
    }

    /**
     * Uses a stream of its own that begins with the RPC signature; the connector closes it after five seconds.
     */
    @Override
    public void pushConfiguration(int version, String json, IntConsumer applied) {
        channel.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.config().setAllowHalfClosure(true);
                QuicStreamEnds.watch(stream);
                stream.pipeline()
                        .addLast(ReadWhileWritable.INSTANCE, new QuicConfigurationPush(version, json, applied));
            }
        });
    }

    /**
     * Accepts a stream that the connector opened in addition to its control stream. Opening and resetting one costs the connector a few
     * bytes and the edge a channel, so their rate is limited (TU-07).
     */
    void sideStream(QuicStreamChannel stream) {
        if (sideStreams.admitsOneMore()) {
            stream.pipeline().addLast(ReadWhileWritable.INSTANCE, new QuicSideStream(this, stream));
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
}
