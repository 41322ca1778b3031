package io.sallyport.tunnel;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends a QUIC connection that has said more than any connector has to say before it is registered (TU-03, TU-08). QUIC takes a
 * handshake and streams in whatever order they come, and its library keeps what cannot be read yet piece by piece: a stranger who
 * sends every other octet by itself has it keep some hundred bytes for each.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a listener that cannot fail
final class FirstWords implements Runnable {
    /** A handshake is a few kilobytes, and no registration is longer than 64. */
    static final int MOST = 96 << 10;

    private static final long EVERY_MILLIS = 100;

    private final QuicChannel channel;

    private FirstWords(QuicChannel channel) {
        this.channel = channel;
    }

    /** Counts until the connector has registered. */
    static void count(QuicChannel channel) {
        new FirstWords(channel).again();
    }

    private void again() {
        channel.eventLoop().schedule(this, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        QuicTransport transport = channel.attr(QuicTransport.ATTRIBUTE).get();
        if (!channel.isOpen() || (transport != null && transport.isSettled())) {
            return;
        }
        Future<QuicConnectionStats> known = channel.collectStats(); // at once on this loop
        QuicConnectionStats said = known.getNow();
        if (said != null && said.recvBytes() > MOST) {
            channel.close();
        } else {
            again();
        }
    }
}
