package io.sallyport.tunnel;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The server for connectors: when it listens, with which certificate, and how its connections take leave. Starts before the web server
 * and stops after it, because requests that finish during the web server's shutdown still need their tunnels.
 */
public final class TunnelServer implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
    /** Interval of looking for a newer certificate. */
    private static final Duration RENEWAL = Duration.ofSeconds(2);

    private static final Duration FAREWELL = Duration.ofSeconds(3);
    /** Lower than the web server's phases, so this starts first and stops last. */
    static final int PHASE = DEFAULT_PHASE - 8192;

    private final TunnelSettings.Tunnel settings;
    private final TunnelListeners listeners;
    private final TunnelTls tls;
    private final TunnelDirectory directory;
    private final Supplier<EventLoopGroup> loops;
    private final Runnable atEnd;
    private @Nullable ScheduledExecutorService renewal;
    private volatile int port = -1;

    /**
     * @param loops the web server's event loops, requested at start; sharing them lets a visitor's request often find a
     *     connection on its own thread
     * @param atEnd runs when the last connection has closed
     */
    TunnelServer(
            TunnelSettings.Tunnel settings,
            TunnelListeners listeners,
            TunnelTls tls,
            TunnelDirectory directory,
            Supplier<EventLoopGroup> loops,
            Runnable atEnd) {
        this.settings = settings;
        this.listeners = listeners;
        this.tls = tls;
        this.directory = directory;
        this.loops = loops;
        this.atEnd = atEnd;
    }

    @Override
    public void start() {
        if (!settings.enabled()) {
            return;
        }
        tls.start();
        int bound = listeners.open(loops.get(), settings.port());
        port = bound;
        renewal = watch(tls);
        LOG.info("connectors are served on port {}, TCP and UDP", bound);
    }

    private static ScheduledExecutorService watch(TunnelTls tls) {
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("tunnel-certificate").factory());
        watch.scheduleWithFixedDelay(tls::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    /** The port; -1 when it does not listen. */
    public int port() {
        return port;
    }

    /** Open connections, registered or not. */
    int open() {
        return listeners.connections();
    }

    /** Bytes by which the windows of QUIC streams exceed their initial size. */
    long windows() {
        return listeners.windows();
    }

    /** Tells connectors to connect elsewhere; running requests may finish for a moment longer. */
    @Override
    public void stop() {
        if (!isRunning()) {
            return;
        }
        port = -1;
        ScheduledExecutorService watch = renewal;
        if (watch != null) {
            watch.shutdownNow();
            renewal = null;
        }
        CountDownLatch farewell = new CountDownLatch((int) directory.all().count());
        directory.all().forEach(each -> each.goAway(farewell::countDown));
        try {
            if (!farewell.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                directory.all().forEach(each -> each.close("the edge is shutting down"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listeners.close(FAREWELL);
        atEnd.run();
    }

    @Override
    public boolean isRunning() {
        return port >= 0;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** The port is in use. */
    static final class PortTakenException extends RuntimeException {
        PortTakenException(String port, String setting) {
            super("port " + port + " is in use; stop what uses it, or choose another with --" + setting);
        }

        /**
         * Whether a failure to bind means that the port is in use. Netty's native transport throws no BindException.
         */
        static boolean isReasonOf(Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException
                        && String.valueOf(cause.getMessage()).contains("Address already in use")) {
                    return true;
                }
            }
            return false;
        }
    }
}
