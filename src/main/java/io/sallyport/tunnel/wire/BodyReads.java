package io.sallyport.tunnel.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When the body on a QUIC stream is read: as soon as all the packets that came together have been taken in, because read at once it
 * would come in pieces of one packet, each with the toll of a whole one; and no faster than its window allows. QUIC's library doubles a
 * window whenever half of it was read within two round trips, and Netty has no word for a bound. Here is counted how wide the window
 * can be by now: whoever reads a quarter of it at once, and then a tenth in a round trip, does not make it wider. Who reads more
 * gets twice as much from {@link WideWindows}, or waits. All on the stream's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // tasks of this loop that cannot fail
public final class BodyReads {
    /** What is read at a time. */
    private static final int PIECE = 64 << 10;

    private static final int BURST = 4;
    private static final int IN_A_ROUND_TRIP = 10;

    private final WideWindows windows;
    private long window = WideWindows.OWN;
    private long taken;
    private long allowance = window / BURST;
    private long allowedAt = System.nanoTime();
    private boolean isDue;

    /** @param windows from which this stream's gets what it needs beyond its own */
    public BodyReads(WideWindows windows) {
        this.windows = windows;
    }

    /** To be told of whatever was read of the stream. */
    public void took(int bytes) {
        taken += bytes;
        allowance -= taken > WideWindows.OWN ? bytes : 0; // no window is wider before so much was read
    }

    /** Reads when it is time, once for all who ask until then. */
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

    /** Nothing more will be read. */
    public void end() {
        windows.narrow(window);
        window = WideWindows.OWN;
        taken = Long.MIN_VALUE; // a read that is still due asks for nothing
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

    /** How wide the stream's window may be by now. */
    long window() {
        return window;
    }

    private static long roundTrip(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof QuicStreamChannel stream) {
            Future<QuicConnectionPathStats> known = stream.parent().collectPathStats(0); // at once on this loop
            QuicConnectionPathStats path = known.getNow();
            return path == null ? 0 : path.rtt();
        }
        return 0;
    }
}
