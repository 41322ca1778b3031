package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An origin that got the whole request has so long to begin its answer (100 seconds unless set). Uploads take as long as they take,
 * and so do answers once begun.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write ends its channel, and the channel's end is what is looked at
final class AnswerDeadline {
    private static final AttributeKey<Future<?>> TIMER = AttributeKey.valueOf("sallyport.answer-deadline");

    private AnswerDeadline() {}

    static void start(Channel channel, Duration patience) {
        Future<?> timer = channel.eventLoop()
                .schedule(
                        () -> channel.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE),
                        patience.toNanos(),
                        TimeUnit.NANOSECONDS);
        channel.attr(TIMER).set(timer);
        channel.closeFuture().addListener(closed -> timer.cancel(false));
    }

    static void met(Channel channel) {
        Future<?> timer = channel.attr(TIMER).getAndSet(null);
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
