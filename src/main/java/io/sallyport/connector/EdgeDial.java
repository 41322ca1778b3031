package io.sallyport.connector;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect to the edge. A network that drops UDP gives no error, and QUIC would wait ten seconds. So when
 * the preferred transport does not answer for a while, the other is dialled in parallel, like addresses in RFC 8305,
 * and the first to connect is used. The preferred transport is also dialled a second time then, because a lost first
 * packet is retransmitted only after seconds. When it fails before that, only the other is dialled, at once. Confined
 * to one event loop.
 */
final class EdgeDial {
    /** How long the preferred transport may be silent. A handshake over a path of 300 ms takes a third of it. */
    static final Duration SILENCE = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final InetSocketAddress edge;
    private final EdgeConnection.Transport first;
    private final EdgeConnection.@Nullable Transport second;
    private final CompletableFuture<Opened> opened = new CompletableFuture<>();
    private int running;
    private boolean isRacing;
    private @Nullable Throwable failure;
    private @Nullable Throwable otherFailure;

    /**
     * An established connection.
     *
     * @param refusal why the preferred transport had failed by then; null when it had not
     */
    record Opened(EdgeConnection connection, @Nullable Throwable refusal) {}

    /** Neither transport has connected: why the preferred one did not, and why the fallback did not, where there was one. */
    static final class Failed extends IOException {
        private final InetSocketAddress edge;
        private final @Nullable Throwable fallback;

        Failed(InetSocketAddress edge, Throwable preferred, @Nullable Throwable fallback) {
            super(preferred.getMessage(), preferred);
            this.edge = edge;
            this.fallback = fallback;
        }

        /** The address that was dialled. */
        InetSocketAddress edge() {
            return edge;
        }

        Optional<Throwable> fallback() {
            return Optional.ofNullable(fallback);
        }
    }

    private EdgeDial(
            EventLoop loop,
            InetSocketAddress edge,
            EdgeConnection.Transport first,
            EdgeConnection.@Nullable Transport second) {
        this.loop = loop;
        this.edge = edge;
        this.first = first;
        this.second = second;
    }

    /**
     * Dials.
     *
     * @param second the fallback; null when only one transport is allowed
     * @param silence how long the first transport may be silent
     * @return the connection; fails when all attempts have failed, with {@link Failed}
     */
    static CompletableFuture<Opened> open(
            EventLoop loop,
            InetSocketAddress edge,
            EdgeConnection.Transport first,
            EdgeConnection.@Nullable Transport second,
            Duration silence) {
        EdgeDial dial = new EdgeDial(loop, edge, first, second);
        loop.execute(() -> dial.begin(silence));
        return dial.opened;
    }

    private void begin(Duration silence) {
        dial(first, true);
        if (second != null) {
            loop.schedule(this::race, silence.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void race() {
        if (!opened.isDone() && !isRacing) {
            isRacing = true;
            if (second != null) {
                dial(second, false);
            }
            dial(first, true);
        }
    }

    private void dial(EdgeConnection.Transport transport, boolean isFirst) {
        running++;
        transport.open(loop, edge).whenCompleteAsync((won, failed) -> ended(isFirst, won, failed), loop);
    }

    private void ended(boolean isFirst, @Nullable EdgeConnection connection, @Nullable Throwable cause) {
        running--;
        if (connection != null) {
            if (!opened.complete(new Opened(connection, failure))) {
                connection.channel().close();
            }
            return;
        }
        if (failure == null && isFirst) {
            failure = cause;
        } else if (!isFirst) {
            otherFailure = cause;
        }
        if (running == 0 && second != null && !isRacing) {
            isRacing = true;
            dial(second, false);
        } else if (running == 0) {
            opened.completeExceptionally(
                    failure == null
                            ? new IllegalStateException("not dialled")
                            : new Failed(edge, failure, otherFailure));
        }
    }
}
