package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicStreamChannel;

/**
 * Works around two limitations of QUIC streams in Netty 4.2.18. A stream that ends before the peer's FIN, as every
 * cancelled one does, stays with all its handlers in a map of its connection until that ends, perhaps months later. And
 * STOP_SENDING is reported only to a stream that has data waiting to be sent.
 */
public final class QuicStreamEnds {
    /** {@code QUICHE_ERR_DONE}: there is no room at the moment, but the stream has not ended. */
    private static final long DONE = -1;

    private QuicStreamEnds() {}

    /** Must be called for each stream when it begins, whichever end opened it. */
    public static void watch(QuicStreamChannel stream) {
        stream.closeFuture().addListener(closed -> letGo(stream));
    }

    private static void letGo(QuicStreamChannel stream) {
        if (!stream.isInputShutdown()) {
            stream.shutdownInput(0); // data that still arrives would otherwise be taken for a new stream
        }
        QuicInternals.streamClosed(stream.parent(), stream.streamId());
    }

    /** Whether the peer has said that it takes no more of this stream, by STOP_SENDING or by ending the connection. */
    public static boolean isUnwanted(QuicStreamChannel stream) {
        long room = QuicInternals.streamCapacity(stream.parent(), stream.streamId());
        return room < 0 && room != DONE;
    }

    /** Ends a stream immediately in both directions: unsent data is dropped, and received data is ignored. */
    public static void abandon(Channel stream) {
        abandon(stream, 0);
    }

    /** The same, with an application error code for the peer. */
    public static void abandon(Channel stream, int code) {
        if (stream instanceof QuicStreamChannel quic && quic.isActive()) {
            quic.shutdown(code);
        }
        stream.close();
    }
}
