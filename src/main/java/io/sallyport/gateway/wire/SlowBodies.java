package io.sallyport.gateway.wire;

import io.netty.channel.ChannelHandlerContext;

/**
 * Watches the request bodies of an HTTP/1 connection, one after another, and reports one that arrives too slowly
 * (DO-01).
 */
final class SlowBodies {

    private final EdgeLimits limits;
    private final Runnable tooSlow;
    private BodyPace pace;
    private final PeriodicCheck check;
    private boolean reading;
    private boolean mayCome;
    private long since;

    /** @param tooSlow runs on the connection's event loop */
    SlowBodies(EdgeLimits limits, Runnable tooSlow) {
        this.limits = limits;
        this.tooSlow = tooSlow;
        this.check = new PeriodicCheck(limits.bodyWindow());
        this.pace = fresh();
    }

    /**
     * The head of a request with a body has been read. Idle time before it does not count.
     *
     * @param awaitsContinue whether the client sends the body only after a 100 (Continue) response (RFC 9110 §10.1.1)
     */
    void begins(boolean awaitsContinue) {
        pace = fresh();
        since = System.nanoTime();
        mayCome = !awaitsContinue;
    }

    /** The client got a 100 (Continue) or its answer, so it may send the body that it held back. */
    void continues() {
        if (!mayCome) {
            mayCome = true;
            since = System.nanoTime();
        }
    }

    /** We read from the socket: from now on we wait for the client. */
    void reads() {
        if (!reading) {
            reading = true;
            since = System.nanoTime();
        }
    }

    /** Bytes of a body arrived. */
    void received(int bytes) {
        continues();
        pace.received(bytes);
    }

    /** Everything that had arrived has been read, and the body is not complete. */
    void pauses(ChannelHandlerContext ctx) {
        settle();
        reading = false;
        if (limits.bodyPerSecond().toBytes() > 0) {
            check.start(ctx.executor(), this::look);
        }
    }

    /** The body is complete, or the connection has closed. */
    void end() {
        check.stop();
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
