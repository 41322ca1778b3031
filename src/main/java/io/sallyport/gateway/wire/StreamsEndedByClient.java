package io.sallyport.gateway.wire;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells streams that the client has ended from streams that we reset while the client was still sending. On the latter
 * a header block may arrive legitimately, because it was sent before the client saw our reset (RFC 9113 §5.1).
 * Remembers the last hundred resets.
 */
final class StreamsEndedByClient extends Http2ConnectionAdapter implements IntPredicate {
    private static final int REMEMBERED = 100;

    private final Set<Integer> resetByUs = new LinkedHashSet<>();
    private @Nullable Http2Connection connection;

    void watch(Http2Connection watched) {
        if (connection == null) {
            connection = watched;
            watched.addListener(this);
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        if (!stream.isResetSent()) {
            return;
        }
        resetByUs.add(stream.id());
        if (resetByUs.size() > REMEMBERED) {
            resetByUs.remove(resetByUs.iterator().next());
        }
    }

    @Override
    public boolean test(int stream) {
        Http2Connection known = connection;
        if (known == null) {
            return false;
        }
        Http2Stream still = known.stream(stream);
        return still == null ? !resetByUs.contains(stream) : still.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
    }
}
