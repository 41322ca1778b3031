package io.sallyport.tunnel;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a QUIC connection that has sent more than a connector needs before it is registered (TU-03, TU-08). QUIC
 * accepts handshake and stream data in any order, and its library stores out-of-order data in pieces: an attacker who
 * sends every other byte makes it use some hundred bytes of memory for each.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a listener that cannot fail
final class FirstWords implements Runnable {
    /** Bytes. A handshake takes a few kilobytes, and no registration is longer than 64 KB. */
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
        Future<QuicConnectionStats> known = channel.collectStats(); // complete already when called on this loop
        QuicConnectionStats said = known.getNow();
        if (said != null && said.recvBytes() > MOST) {
            channel.close();
        } else {
            again();
        }
    }
}
