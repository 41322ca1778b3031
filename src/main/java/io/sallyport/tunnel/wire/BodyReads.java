package io.sallyport.tunnel.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Decides when the body on a QUIC stream is read: after all packets that arrived together have been processed, because
 * earlier reads would return single packets, each with the cost of a whole read; and no faster than the stream's window
 * may grow. The QUIC library doubles a window whenever half of it is read within two round trips, and Netty has no
 * option to limit that. So this class estimates the window's size: reading a quarter of it at once, and then a tenth
 * per round trip, does not widen it. To read faster it must reserve twice the size from {@link WideWindows}, or wait.
 * Confined to the stream's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class BodyReads {
    /** Bytes read at a time. */
    private static final int PIECE = 64 << 10;

    private static final int BURST = 4;
    private static final int IN_A_ROUND_TRIP = 10;

    private final WideWindows windows;
    private long window = WideWindows.OWN;
    private long taken;
    private long allowance = window / BURST;
    private long allowedAt = System.nanoTime();
    private boolean isDue;

    /** @param windows the budget for windows wider than the initial one */
    public BodyReads(WideWindows windows) {
        this.windows = windows;
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
        if (taken <= WideWindows.OWN || window == WideWindows.WIDEST) {
            return 0;
        }
        long nanos = Math.max(1, roundTrip.getAsLong());
        double each = (double) window / IN_A_ROUND_TRIP / nanos;
        allowance = Math.min(window / BURST, allowance + (long) (each * (now - allowedAt)));
        allowedAt = now;
        if (allowance >= PIECE) {
            return 0;
        }
        if (windows.widen(window)) {
            window *= 2;
            allowance = window / BURST;
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
