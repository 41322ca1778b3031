package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.timeout.ReadTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswerDeadlineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final Counted channel = new Counted();

    /** Counts who waits for its end: what is added there once for each request stays as long as the connection. */
    private static final class Counted extends EmbeddedChannel {
        private int listeners;

        @Override
        public ChannelFuture closeFuture() {
            listeners++;
            return super.closeFuture();
        }
    }

    @BeforeEach
    void time() {
        channel.freezeTime();
    }

    private void pass(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        channel.checkException();
    }

    @Test
    void anOriginThatDoesNotAnswerIsWaitedForAsLongAsItIsToldAndNoLonger() {
        AnswerDeadline.start(channel, PATIENCE);

        pass(99);
        assertThatThrownBy(() -> pass(1)).isInstanceOf(ReadTimeoutException.class);
    }

    @Test
    void anAnswerOnceBegunTakesAsLongAsItTakes() {
        AnswerDeadline.start(channel, PATIENCE);
        pass(99);
        AnswerDeadline.met(channel);

        pass(500);
    }

    /** A call of gRPC: the server answers at once, the client ends its stream later, and messages go on coming. */
    @Test
    void anAnswerThatBeganBeforeTheRequestEndedTakesAsLongAsItTakes() {
        AnswerDeadline.met(channel);
        pass(10);
        AnswerDeadline.start(channel, PATIENCE);

        pass(500);
    }

    @Test
    void anEarlyAnswerSparesNoLaterRequestItsDeadline() {
        AnswerDeadline.met(channel);
        AnswerDeadline.asked(channel);
        AnswerDeadline.start(channel, PATIENCE);

        pass(99);
        assertThatThrownBy(() -> pass(1)).isInstanceOf(ReadTimeoutException.class);
    }

    @Test
    void eachRequestOfAConnectionHasTheWholeTime() {
        AnswerDeadline.start(channel, PATIENCE);
        pass(60);
        AnswerDeadline.met(channel);
        AnswerDeadline.start(channel, PATIENCE);

        pass(99);
        assertThatThrownBy(() -> pass(1)).isInstanceOf(ReadTimeoutException.class);
    }

    @Test
    void aConnectionRemembersNothingOfTheRequestsThatItCarried() {
        AnswerDeadline.start(channel, PATIENCE);
        AnswerDeadline.met(channel);
        int first = channel.listeners;
        for (int i = 0; i < 1_000; i++) {
            AnswerDeadline.start(channel, PATIENCE);
            AnswerDeadline.met(channel);
        }

        assertThat(channel.listeners).isEqualTo(first);
    }

    @Test
    void aClosedConnectionIsNotLookedAfter() {
        AnswerDeadline.start(channel, PATIENCE);
        channel.close().syncUninterruptibly();

        pass(200);
    }
}
