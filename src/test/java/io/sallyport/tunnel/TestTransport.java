package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A transport without a wire. It refuses every stream but those asked for. */
final class TestTransport implements TunnelTransport {
    private final EventExecutor executor;
    private final TunnelTraffic traffic = new TunnelTraffic();
    private @Nullable EmbeddedChannel next;
    /** Why it was closed. */
    volatile @Nullable String closed;

    TestTransport() {
        this(GlobalEventExecutor.INSTANCE);
    }

    TestTransport(EventExecutor executor) {
        this.executor = executor;
    }

    EmbeddedChannel opened() {
        EmbeddedChannel channel = new EmbeddedChannel();
        next = channel;
        return channel;
    }

    @Override
    public TunnelProtocol protocol() {
        return TunnelProtocol.QUIC;
    }

    @Override
    public String remoteAddress() {
        return "192.0.2.1";
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public void settled(List<String> features) {}

    @Override
    public Future<? extends Channel> openStream(ChannelHandler consumer) {
        EmbeddedChannel channel = next;
        next = null;
        return channel == null
                ? ImmediateEventExecutor.INSTANCE.newFailedFuture(TunnelFailure.lost())
                : ImmediateEventExecutor.INSTANCE.newSucceededFuture(channel);
    }

    @Override
    public void pushConfiguration(int version, String json, IntConsumer applied) {}

    @Override
    public void announceEnd() {}

    @Override
    public void close(String reason) {
        closed = reason;
    }

    @Override
    public String reason() {
        return LEFT;
    }

    @Override
    public TunnelTraffic traffic() {
        return traffic;
    }

    @Override
    public boolean isOpen() {
        return closed == null;
    }

    @Override
    public void onClose(Runnable then) {}

    @Override
    public Duration roundTrip() {
        return Duration.ZERO;
    }
}
