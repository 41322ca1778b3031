package io.sallyport.connector;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Notices that the edge cancelled a request whose end it had sent before, or whose body the origin does not take: no reset can arrive
 * after a FIN, nor be seen on a stream that is not read, and Netty does not report STOP_SENDING to a stream that sends nothing, so it
 * must be asked for. One timer per connection asks for all its streams, because a
 * timer per request costs more than the rest of a short request's bookkeeping. Confined to the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a task of this loop that cannot fail
final class CancelWatch {
    private static final AttributeKey<CancelWatch> OF = AttributeKey.valueOf("sallyport.cancel-watch");
    /** How long an origin may go on with an answer that nobody wants. */
    static final long EVERY_MILLIS = 500;

    /** At each look, on a stream that the edge does not want any more. What it sent before may still be on its way to the origin. */
    enum Unwanted {
        BYTES
    }

    private final Set<QuicStreamChannel> streams = new HashSet<>();
    private boolean isDue;

    /** The watch of a connection. */
    static CancelWatch of(QuicChannel connection) {
        CancelWatch known = connection.attr(OF).get();
        if (known == null) {
            known = new CancelWatch();
            connection.attr(OF).set(known);
        }
        return known;
    }

    /** Watches a stream until {@link #forget}. */
    void watch(QuicStreamChannel stream) {
        streams.add(stream);
        if (!isDue) {
            isDue = true;
            stream.eventLoop().schedule(() -> look(stream.parent()), EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Must be called when the stream has ended. */
    void forget(QuicStreamChannel stream) {
        streams.remove(stream);
    }

    private void look(QuicChannel connection) {
        isDue = false;
        // A copy, because a stream that is abandoned is forgotten.
        List.copyOf(streams).stream()
                .filter(QuicStreamEnds::isUnwanted)
                .forEach(stream -> stream.pipeline().fireUserEventTriggered(Unwanted.BYTES));
        if (!streams.isEmpty() && connection.isActive()) {
            isDue = true;
            connection.eventLoop().schedule(() -> look(connection), EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
