package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Limits the time in which an origin that has the whole request must begin its answer ({@code sallyport.limits.answer},
 * 100 s by default). Uploads, and answers once they have begun, may take any time.
 *
 * <p>Each connection has one deadline for all its requests, with one timer per period instead of one per request, which
 * would cost more. All state belongs to the connection's event loop.
 */
final class AnswerDeadline {
    private static final AttributeKey<AnswerDeadline> OF = AttributeKey.valueOf("sallyport.answer-deadline");

    private final Channel channel;
    private @Nullable Future<?> timer;
    /** Whether the origin has the whole request and its answer has not begun. */
    private boolean isAwaited;
    /** Whether the answer began before the request had ended, as in a call of gRPC or to an upload that is refused. */
    private boolean isAnsweredEarly;

    /** By the event loop's clock, in nanoseconds. */
    private long due;

    private AnswerDeadline(Channel channel) {
        this.channel = channel;
        channel.closeFuture().addListener(closed -> end());
    }

    /** The origin has the whole request; from any thread. */
    static void start(Channel channel, Duration patience) {
        if (channel.eventLoop().inEventLoop()) {
            of(channel).begin(patience.toNanos());
        } else {
            channel.eventLoop().execute(() -> of(channel).begin(patience.toNanos()));
        }
    }

    /** The answer begins, maybe before the origin has the whole request; on the connection's event loop. */
    static void met(Channel channel) {
        AnswerDeadline deadline = of(channel);
        deadline.isAnsweredEarly = !deadline.isAwaited;
        deadline.isAwaited = false;
    }

    /** A request begins on a connection that may have carried others; on the connection's event loop. */
    static void asked(Channel channel) {
        AnswerDeadline deadline = channel.attr(OF).get();
        if (deadline != null) {
            deadline.isAnsweredEarly = false;
        }
    }

    private static AnswerDeadline of(Channel channel) {
        AnswerDeadline known = channel.attr(OF).get();
        if (known != null) {
            return known;
        }
        AnswerDeadline deadline = new AnswerDeadline(channel);
        channel.attr(OF).set(deadline);
        return deadline;
    }

    /** @param patience nanoseconds */
    private void begin(long patience) {
        if (isAnsweredEarly) {
            isAnsweredEarly = false;
            return;
        }
        isAwaited = true;
        due = now() + patience;
        if (timer == null) {
            lookIn(patience);
        }
    }

    private void lookIn(long nanos) {
        timer = channel.eventLoop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        timer = null;
        long left = due - now();
        if (isAwaited && left > 0) {
            lookIn(left);
        } else if (isAwaited) {
            isAwaited = false;
            channel.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE);
        }
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private void end() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }
}
