package io.sallyport.tunnel.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Decides when the body on a QUIC stream is read: after all packets that arrived together have been processed, because
 * earlier reads would return single packets, each with the cost of a whole read; no faster than the stream's window
 * may grow; and no faster than {@link #SHARED} while others need the processors too.
 *
 * <p>The QUIC library doubles a window whenever half of it is read within two round trips, and Netty has no option to
 * limit that. So this class estimates the window's size: reading an eighth of it at once, and then an eighth per round
 * trip, does not widen it. To read faster it must reserve twice the size from {@link WideWindows}, or wait. It does not
 * reserve more than {@link #FAST} reading needs over the shortest round trip seen, because whatever the window holds
 * beyond that waits in the sockets' buffers, makes the round trips longer, and delays all other packets. Confined to
 * the stream's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class BodyReads {
    /** Bytes read at a time. */
    private static final int PIECE = 64 << 10;

    /** Part of the window that may be read at once, and in a round trip. */
    private static final int PART = 8;

    /** Bytes a nanosecond for which windows are made wide enough (4 Gbit/s). */
    private static final double FAST = 0.5;

    /**
     * Bytes a nanosecond that one stream is read with while other requests begin (1.6 Gbit/s). A download from a fast
     * origin can otherwise take all the time of two processors, and then each step of a small request waits for a time
     * slice of several milliseconds.
     */
    private static final double SHARED = 0.2;

    /** Most bytes that are then read at once. */
    private static final long SHARED_BURST = 128 << 10;

    private final WideWindows windows;
    private long window = WideWindows.OWN;
    private long taken;
    private long allowance = window / PART;
    private long allowedAt = System.nanoTime();
    private long leastRoundTrip = Long.MAX_VALUE;
    private boolean isDue;

    /**
     * Begins with the request whose body it is.
     *
     * @param windows what it shares with the other streams of the process
     */
    public BodyReads(WideWindows windows) {
        this.windows = windows;
        windows.began(allowedAt);
    }

    /** Must be called with the bytes of every read. */
    public void took(int bytes) {
        taken += bytes;
        allowance -= taken > WideWindows.OWN ? bytes : 0; // the window cannot have grown before this much was read
    }

    /** Reads when it is time; calls before that are combined. */
    public void read(ChannelHandlerContext ctx) {
        if (isDue) {
            return;
        }
        isDue = true;
        long pause = pause(System.nanoTime(), () -> roundTrip(ctx));
        Runnable reading = () -> {
            isDue = false;
            ctx.read();
        };
        if (pause == 0) {
            ctx.executor().execute(reading);
        } else {
            ctx.executor().schedule(reading, pause, TimeUnit.NANOSECONDS);
        }
    }

    /** Ends the reading. */
    public void end() {
        windows.narrow(window);
        window = WideWindows.OWN;
        taken = Long.MIN_VALUE; // a read that is still scheduled must not ask for more
    }

    /** Nanoseconds until a piece may be read; the round trip is asked for only when it matters. */
    long pause(long now, LongSupplier roundTrip) {
        if (taken <= WideWindows.OWN) {
            return 0;
        }
        boolean isShared = windows.isBusy(now);
        double each = isShared ? SHARED : Double.MAX_VALUE;
        boolean isTooNarrow = false;
        if (window < WideWindows.WIDEST) {
            long nanos = Math.max(1, roundTrip.getAsLong());
            leastRoundTrip = Math.min(leastRoundTrip, nanos);
            double most = (double) window / PART / nanos;
            isTooNarrow = most < each && window < FAST * PART * leastRoundTrip;
            each = Math.min(each, most);
        }
        long burst = isShared ? Math.min(window / PART, SHARED_BURST) : window / PART;
        allowance = (long) Math.min((double) burst, (double) allowance + each * (double) (now - allowedAt));
        allowedAt = now;
        if (allowance >= PIECE) {
            return 0;
        }
        if (isTooNarrow && windows.widen(window)) {
            window *= 2;
            allowance = window / PART;
            return 0;
        }
        return (long) ((PIECE - allowance) / each);
    }

    /** Estimate of the stream's window, in bytes. */
    long window() {
        return window;
    }

    private static long roundTrip(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof QuicStreamChannel stream) {
            Future<QuicConnectionPathStats> known =
                    stream.parent().collectPathStats(0); // complete already when called on this loop
            QuicConnectionPathStats path = known.getNow();
            return path == null ? 0 : path.rtt();
        }
        return 0;
    }
}
