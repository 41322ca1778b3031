package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A connection that has registered: who it is, how it is, and the way to open streams on it. */
public final class TunnelConnection implements TunnelPath {
    /** Which connection it is: a later one with the same key takes its place. */
    record Key(TunnelId tunnel, UUID client, int index) {}

    /**
     * Streams at once. The transports' receive windows are sized so that this many stalled readers stall nobody else (TU-06), and
     * HTTP/2 knows no window above 2 GiB; connectors themselves would take more.
     */
    static final int MOST_STREAMS = 4_000;
    /** How long running requests may take once the connection is to end; cloudflared's own limit is three minutes. */
    static final Duration LONGEST_GRACE = Duration.ofSeconds(190);

    /** So that the answer to the connector's last call arrives before the end does. */
    static final long LINGER_MILLIS = 150;

    private final UUID id;
    private final Key key;
    private final ConnectionOptions options;
    private final TunnelTransport transport;
    private final Instant openedAt;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong requests = new AtomicLong();
    private final LongAdder requestsOfTunnel;
    private final AtomicInteger pushedVersion = new AtomicInteger(-1);
    private volatile boolean draining;
    private volatile String retired = "";
    private volatile TunnelLedger.@Nullable LastError lastError;

    /** @param requestsOfTunnel counts over all connections */
    TunnelConnection(
            UUID id,
            Key key,
            ConnectionOptions options,
            TunnelTransport transport,
            LongAdder requestsOfTunnel,
            Instant openedAt) {
        this.id = id;
        this.key = key;
        this.options = options;
        this.transport = transport;
        this.requestsOfTunnel = requestsOfTunnel;
        this.openedAt = openedAt;
    }

    /**
     * Opens a stream for one request, see {@link TunnelTransport#openStream}.
     *
     * @return fails with a {@link TunnelFailure} of kind {@code NOT_SENT} when this connection takes no more
     */
    @Override
    public Future<? extends Channel> open(ChannelHandler consumer) {
        if (outstanding.incrementAndGet() > MOST_STREAMS || !isUsable()) {
            finished();
            return transport
                    .executor()
                    .newFailedFuture(new TunnelFailure(TunnelFailure.Kind.NOT_SENT, "the connection takes no more"));
        }
        requests.incrementAndGet();
        requestsOfTunnel.increment();
        Future<? extends Channel> opening = transport.openStream(consumer);
        opening.addListener(opened -> {
            if (opened.isSuccess()) {
                ((Channel) opened.getNow()).closeFuture().addListener(closed -> finished());
            } else {
                finished();
            }
        });
        return opening;
    }

    private void finished() {
        if (outstanding.decrementAndGet() == 0 && draining) {
            transport.close(retired);
        }
    }

    /** No new streams; the connection closes when the last one ends, or when it has had its time. */
    void retire(String reason) {
        if (draining) {
            return;
        }
        retired = reason;
        draining = true;
        transport.executor().schedule(this::closeIfIdle, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        var forced = transport
                .executor()
                .schedule(() -> transport.close(reason), LONGEST_GRACE.toSeconds(), TimeUnit.SECONDS);
        transport.onClose(() -> forced.cancel(false)); // or what has ended long since is held until then
    }

    private void closeIfIdle() {
        if (outstanding.get() == 0) {
            transport.close(retired);
        }
    }

    /**
     * As {@link #retire}, and the connector is told, so that it dials elsewhere.
     *
     * @param gone runs once it is closed
     */
    void goAway(Runnable gone) {
        transport.onClose(gone);
        transport.announceEnd();
        retire("the edge is shutting down");
    }

    /** Gives the connector these rules unless it got them, or newer ones, from this connection before. */
    void push(int version, String json, IntConsumer applied) {
        if (pushedVersion.getAndAccumulate(version, Math::max) < version) {
            transport.pushConfiguration(version, json, applied);
        }
    }

    void close(String reason) {
        draining = true;
        transport.close(reason);
    }

    Key key() {
        return key;
    }

    /** Whether requests may go here. */
    boolean isUsable() {
        return !draining && transport.isOpen();
    }

    /** Whether everything on it happens on the calling thread. */
    boolean isOnThisThread() {
        return transport.executor().inEventLoop();
    }

    /** Names this connection; the connector logs it too. */
    public UUID id() {
        return id;
    }

    /** The tunnel it belongs to. */
    public TunnelId tunnel() {
        return key.tunnel();
    }

    /** The connector process it belongs to, by its own word. */
    public UUID client() {
        return key.client();
    }

    /** Which of the process's connections it is. */
    public int index() {
        return key.index();
    }

    /** What the connector says it can do. */
    public List<String> features() {
        return options.features();
    }

    /** The connector's version, by its own word. */
    public String version() {
        return options.version();
    }

    /** The connector's system, by its own word. */
    public String arch() {
        return options.arch();
    }

    /** How it is connected. */
    public TunnelProtocol protocol() {
        return transport.protocol();
    }

    /** Where the connector dialled from. */
    public String remoteAddress() {
        return transport.remoteAddress();
    }

    /** Requests running now. */
    public int outstanding() {
        return outstanding.get();
    }

    /** Requests so far. */
    public long requests() {
        return requests.get();
    }

    /** Bytes of bodies from the connector. */
    public long bytesIn() {
        return transport.traffic().in();
    }

    /** Bytes of bodies to the connector. */
    public long bytesOut() {
        return transport.traffic().out();
    }

    /** Why a request over it last got no good answer; empty when that never happened. */
    public String lastError() {
        TunnelLedger.LastError known = lastError;
        return known == null ? "" : known.what();
    }

    void noteError(TunnelLedger.LastError error) {
        lastError = error;
    }

    /** What it carried, and how it fares. */
    TunnelLedger.Traffic traffic() {
        Duration measured = roundTrip();
        return new TunnelLedger.Traffic(
                requests(), bytesIn(), bytesOut(), measured.isZero() ? null : measured, lastError);
    }

    Registration registration() {
        return new Registration(
                id,
                key.tunnel(),
                key.client(),
                key.index(),
                protocol().word(),
                remoteAddress(),
                version(),
                arch(),
                features(),
                openedAt);
    }

    /** The round trip as last measured, zero before that. */
    public Duration roundTrip() {
        return transport.roundTrip();
    }
}
