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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A registered connection: its identity, its statistics, and opening streams on it. */
public final class TunnelConnection implements TunnelPath {
    /** Identifies a connection's place: a later connection with the same key replaces it. */
    record Key(TunnelId tunnel, UUID client, int index) {}

    /**
     * Most concurrent streams. The receive windows of connections are sized so that this many stalled readers do not
     * stall others (TU-06), and HTTP/2 limits a window to 2 GiB; connectors themselves would accept more.
     */
    static final int MOST_STREAMS = 4_000;
    /** How long running requests may take once the connection is retired; cloudflared's own limit is three minutes. */
    static final Duration LONGEST_GRACE = Duration.ofSeconds(190);

    /** How long a chosen connection gets the next requests of its event loop too, see {@link #isGathering}. */
    static final Duration TOGETHER = Duration.ofMillis(5);

    /** Most requests that it gets in that time, so that one that is stuck unnoticed does not catch more. */
    static final int MOST_TOGETHER = 64;

    /** Delay before closing, so that the answer to the connector's last call arrives first. */
    static final long LINGER_MILLIS = 150;

    private final UUID id;
    private final Key key;
    private final ConnectionOptions options;
    private final TunnelTransport transport;
    private final Instant openedAt;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong requests = new AtomicLong();
    private final LongAdder requestsOfTunnel;
    /** Random, because a connector's connections carry about the same and should not all be replaced at once. */
    private final long mostRequests;

    private final AtomicInteger pushedVersion = new AtomicInteger(-1);
    private final LongSupplier nanoTime;
    /** Requests opened on its event loop since {@link #gatheringSince}; only used on its thread, as that. */
    private int together;

    private long gatheringSince;

    private volatile boolean draining;
    private volatile String retired = "";
    private volatile TunnelLedger.@Nullable LastError lastError;

    /**
     * @param requestsOfTunnel counts the tunnel's requests over all its connections
     * @param nanoTime as {@link System#nanoTime}
     */
    TunnelConnection(
            UUID id,
            Key key,
            ConnectionOptions options,
            TunnelTransport transport,
            LongAdder requestsOfTunnel,
            Instant openedAt,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.id = id;
        this.key = key;
        this.options = options;
        this.transport = transport;
        this.requestsOfTunnel = requestsOfTunnel;
        this.openedAt = openedAt;
        long most = transport.protocol().mostRequests();
        this.mostRequests = ThreadLocalRandom.current().nextLong(most / 2, most + 1);
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
            return transport.executor().newFailedFuture(TunnelFailure.notSent("the connection takes no more"));
        }
        requests.incrementAndGet();
        requestsOfTunnel.increment();
        if (isOnThisThread()) {
            gather();
        }
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

    /** Allows no new streams; the connection closes when the last one ends, or after {@link #LONGEST_GRACE}. */
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
        transport.onClose(
                () -> forced.cancel(false)); // or the timer would keep a closed connection in memory until then
    }

    private void closeIfIdle() {
        if (outstanding.get() == 0) {
            transport.close(retired);
        }
    }

    /**
     * As {@link #retire}, and tells the connector, so that it connects elsewhere.
     *
     * @param gone runs when the connection has closed
     */
    void goAway(Runnable gone) {
        transport.onClose(gone);
        transport.announceEnd();
        retire("the edge is shutting down");
    }

    /** Pushes a configuration, unless this connection has pushed this version or a newer one before. */
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

    /** Whether it has carried so many requests that a new connection should take its place. */
    boolean isWorn() {
        return requests.get() >= mostRequests;
    }

    /**
     * Retires a worn connection as soon as nothing runs on it, so that a connector dials a new one and long-lived streams,
     * such as WebSockets, are not cut.
     */
    void replaceWhenIdle() {
        if (outstanding.get() == 0) {
            retire("it has carried its share of requests");
        }
    }

    /** Whether everything on it happens on the calling thread. */
    boolean isOnThisThread() {
        return transport.executor().inEventLoop();
    }

    /**
     * Whether requests of the calling thread's event loop have just been opened on it, and few enough for another to join
     * them: requests that go together leave in fewer system calls, wake the connector less often, and share
     * acknowledgements, and so do their answers.
     */
    boolean isGathering() {
        return isOnThisThread() && together > 0 && together < MOST_TOGETHER && isFresh(nanoTime.getAsLong());
    }

    private void gather() {
        long now = nanoTime.getAsLong();
        if (together == 0 || !isFresh(now)) {
            gatheringSince = now;
            together = 0;
        }
        together++;
    }

    private boolean isFresh(long now) {
        return now - gatheringSince < TOGETHER.toNanos();
    }

    /** The connection's id, which the connector logs too. */
    public UUID id() {
        return id;
    }

    /** The tunnel it belongs to. */
    public TunnelId tunnel() {
        return key.tunnel();
    }

    /** The id of the connector process, as it reported it. */
    public UUID client() {
        return key.client();
    }

    /** Which of the process's connections it is. */
    public int index() {
        return key.index();
    }

    /** The features that the connector reported. */
    List<String> features() {
        return options.features();
    }

    /** The connector's version, as it reported it. */
    String version() {
        return options.version();
    }

    /** The connector's operating system and architecture, as it reported them. */
    String arch() {
        return options.arch();
    }

    /** The transport. */
    public TunnelProtocol protocol() {
        return transport.protocol();
    }

    /** The remote address. */
    String remoteAddress() {
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
    long bytesIn() {
        return transport.traffic().in();
    }

    /** Bytes of bodies to the connector. */
    long bytesOut() {
        return transport.traffic().out();
    }

    /** Why the last failed request failed; empty when none has. */
    public String lastError() {
        TunnelLedger.LastError known = lastError;
        return known == null ? "" : known.what();
    }

    void noteError(TunnelLedger.LastError error) {
        lastError = error;
    }

    /** The traffic, round trip and last error so far. */
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

    /** The last measured round trip; zero before the first measurement. */
    Duration roundTrip() {
        return transport.roundTrip();
    }
}
