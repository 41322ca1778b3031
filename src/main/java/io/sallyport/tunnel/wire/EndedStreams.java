package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicStreamChannel;

/**
 * The end of QUIC streams, as far as Netty (4.2.18) leaves it to others. It keeps a stream that ends before the peer's FIN, as all
 * cancelled ones do, with all its handlers in a map of its connection until the connection ends, which may be months later. And it
 * tells of STOP_SENDING only him who has something waiting to be sent.
 */
public final class EndedStreams {
    /** {@code QUICHE_ERR_DONE}: no room just now, which is no end. */
    private static final long DONE = -1;

    private EndedStreams() {}

    /** To be told of each stream when it begins, whoever opened it. */
    public static void watch(QuicStreamChannel stream) {
        stream.closeFuture().addListener(closed -> letGo(stream));
    }

    private static void letGo(QuicStreamChannel stream) {
        if (!stream.isInputShutdown()) {
            stream.shutdownInput(0); // what still arrives would otherwise come out as a new stream
        }
        QuicInternals.streamClosed(stream.parent(), stream.streamId());
    }

    /** Whether the peer has said that it takes no more of this stream, by STOP_SENDING or by ending the connection. */
    public static boolean isUnwanted(QuicStreamChannel stream) {
        long room = QuicInternals.streamCapacity(stream.parent(), stream.streamId());
        return room < 0 && room != DONE;
    }

    /** Ends a stream at once, in both directions: what was not sent is not, and what comes is not wanted. */
    public static void abandon(Channel stream) {
        if (stream instanceof QuicStreamChannel quic && quic.isActive()) {
            quic.shutdown(0);
        }
        stream.close();
    }
}
