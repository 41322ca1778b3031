package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;

/**
 * Priorities of the streams of a QUIC connection: first the control stream, then streams that have sent little so far,
 * then large transfers. Without priorities a connection's capacity is given to streams in their order, so one download
 * with always more to send would block all others.
 */
public final class Precedence {
    private static final long BULK = 256 << 10;
    private static final QuicStreamPriority CONTROL = new QuicStreamPriority(0, true);
    private static final QuicStreamPriority LITTLE = new QuicStreamPriority(1, true);
    private static final QuicStreamPriority MUCH = new QuicStreamPriority(Byte.MAX_VALUE, true);

    private boolean isKnown;
    private long sent;

    /** Gives the control stream the highest priority. */
    public static void control(QuicStreamChannel stream) {
        stream.updatePriority(CONTROL);
    }

    /** Must be called before a stream sends. Does nothing for other transports. */
    public void sends(Channel stream, int bytes) {
        boolean wasBulk = sent >= BULK;
        sent += bytes;
        if (!(stream instanceof QuicStreamChannel quic)) {
            return;
        }
        if (!wasBulk && sent >= BULK) {
            quic.updatePriority(MUCH);
        } else if (!isKnown) {
            quic.updatePriority(LITTLE);
        }
        isKnown = true;
    }
}
