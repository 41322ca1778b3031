package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches the body of one HTTP/1 request after another on a connection, and tells when one comes too slowly (DO-01). */
final class SlowBodies {
    private static final int LOOKS_PER_WINDOW = 4;

    private final EdgeLimits limits;
    private final Runnable tooSlow;
    private BodyPace pace;
    private @Nullable Future<?> looking;
    private boolean reading;
    private boolean mayCome;
    private long since;

    /** @param tooSlow runs on the connection's event loop */
    SlowBodies(EdgeLimits limits, Runnable tooSlow) {
        this.limits = limits;
        this.tooSlow = tooSlow;
        this.pace = fresh();
    }

    /**
     * The head of a request with a body is over. Time before it, in which the connection lay idle, is not the body's.
     *
     * @param onLeave whether the client holds it back until it is told to continue (RFC 9110 §10.1.1)
     */
    void begins(boolean onLeave) {
        pace = fresh();
        since = System.nanoTime();
        mayCome = !onLeave;
    }

    /** The client was told to continue, or got its answer; what it held back may come now. */
    void leave() {
        if (!mayCome) {
            mayCome = true;
            since = System.nanoTime();
        }
    }

    /** We ask for more: from now on it is the client's turn. */
    void reads() {
        if (!reading) {
            reading = true;
            since = System.nanoTime();
        }
    }

    /** Bytes of a body came. */
    void received(int bytes) {
        leave();
        pace.received(bytes);
    }

    /** What there was has been read, and the body is not over. */
    void pauses(ChannelHandlerContext ctx) {
        settle();
        reading = false;
        if (looking == null && limits.bodyPerSecond().toBytes() > 0) {
            Duration step = limits.bodyWindow().dividedBy(LOOKS_PER_WINDOW);
            looking = ctx.executor()
                    .scheduleAtFixedRate(this::look, step.toNanos(), step.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** The body is over, or the connection. */
    void end() {
        Future<?> running = looking;
        if (running != null) {
            running.cancel(false);
            looking = null;
        }
        pace = fresh();
    }

    private void look() {
        settle();
        if (pace.isTooSlow()) {
            end();
            tooSlow.run();
        }
    }

    private void settle() {
        if (reading && mayCome) {
            long now = System.nanoTime();
            pace.waited(now - since);
            since = now;
        }
    }

    private BodyPace fresh() {
        return new BodyPace(limits.bodyPerSecond().toBytes(), limits.bodyWindow());
    }
}
