package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;

/**
 * Which stream of a QUIC connection may send first: the conversation about the connection itself, then whoever has said little so far,
 * then bulk. The room on a connection is given to streams in their order, so that one download that always has more to send would leave
 * none to anybody else.
 */
public final class Precedence {
    private static final long BULK = 256 << 10;
    private static final QuicStreamPriority CONTROL = new QuicStreamPriority(0, true);
    private static final QuicStreamPriority LITTLE = new QuicStreamPriority(1, true);
    private static final QuicStreamPriority MUCH = new QuicStreamPriority(Byte.MAX_VALUE, true);

    private boolean isKnown;
    private long sent;

    /** Puts the control stream before everything. */
    public static void control(QuicStreamChannel stream) {
        stream.updatePriority(CONTROL);
    }

    /** To be told before a stream sends something; a stream of another transport is left alone. */
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
