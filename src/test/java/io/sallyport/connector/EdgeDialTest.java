package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which transport an attempt ends with, when they answer at different times. */
class EdgeDialTest {
    private static final InetSocketAddress EDGE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7844);
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private final EventLoop loop = new DefaultEventLoop();
    private final Line quic = new Line(Protocol.QUIC, 2);
    private final Line http2 = new Line(Protocol.HTTP2, 1);

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** A transport that answers when the test says so. */
    private static final class Line implements EdgeConnection.Transport {
        private final Protocol protocol;
        private final List<CompletableFuture<EdgeConnection>> dials = new ArrayList<>();
        private final CountDownLatch dialled;

        Line(Protocol protocol, int expected) {
            this.protocol = protocol;
            this.dialled = new CountDownLatch(expected);
        }

        @Override
        public synchronized CompletableFuture<EdgeConnection> open(EventLoop loop, InetSocketAddress edge) {
            CompletableFuture<EdgeConnection> dial = new CompletableFuture<>();
            dials.add(dial);
            dialled.countDown();
            return dial;
        }

        synchronized CompletableFuture<EdgeConnection> dial(int number) {
            return dials.get(number);
        }

        EdgeConnection answer(int number) {
            EdgeConnection connection = new EdgeConnection(
                    protocol,
                    new EmbeddedChannel(),
                    new ControlConversation(Duration.ofSeconds(1), withdrawals -> {}),
                    EDGE);
            dial(number).complete(connection);
            return connection;
        }
    }

    private CompletableFuture<EdgeDial.Opened> open(Duration silence) {
        return EdgeDial.open(loop, EDGE, quic, http2, silence);
    }

    private void settle() {
        loop.submit(() -> {}).syncUninterruptibly();
    }

    @Test
    void anAnswerInTimeIsTakenAndNothingElseDialled() {
        CompletableFuture<EdgeDial.Opened> opened = open(NEVER);
        settle();
        EdgeConnection connection = quic.answer(0);
        assertThat(opened.orTimeout(30, TimeUnit.SECONDS).join().connection()).isSameAs(connection);
        assertThat(http2.dials).isEmpty();
    }

    @Test
    void afterSilenceTheFirstToAnswerWinsAndTheOthersAreClosed() throws InterruptedException {
        CompletableFuture<EdgeDial.Opened> opened = open(AT_ONCE);
        assertThat(quic.dialled.await(30, TimeUnit.SECONDS)).isTrue();
        EdgeConnection winner = http2.answer(0);
        assertThat(opened.orTimeout(30, TimeUnit.SECONDS).join().connection()).isSameAs(winner);
        EdgeConnection late = quic.answer(0);
        quic.dial(1).completeExceptionally(new IllegalStateException("nothing answered"));
        settle();
        assertThat(late.channel().isActive()).isFalse();
        assertThat(winner.channel().isActive()).isTrue();
    }

    @Test
    void quicThatWasOnlySlowIsStillTaken() throws InterruptedException {
        CompletableFuture<EdgeDial.Opened> opened = open(AT_ONCE);
        assertThat(quic.dialled.await(30, TimeUnit.SECONDS)).isTrue();
        EdgeConnection second = quic.answer(1);
        assertThat(opened.orTimeout(30, TimeUnit.SECONDS).join().connection()).isSameAs(second);
        EdgeConnection loser = http2.answer(0);
        settle();
        assertThat(loser.channel().isActive()).isFalse();
    }

    @Test
    void itFailsOnlyWhenAllHaveAndWithTheReasonOfTheTransportOfChoice() throws InterruptedException {
        CompletableFuture<EdgeDial.Opened> opened = open(AT_ONCE);
        assertThat(quic.dialled.await(30, TimeUnit.SECONDS)).isTrue();
        http2.dial(0).completeExceptionally(new IllegalStateException("refused"));
        quic.dial(0).completeExceptionally(new IllegalStateException("silent"));
        settle();
        assertThat(opened).isNotDone();
        quic.dial(1).completeExceptionally(new IllegalStateException("silent"));
        assertThatThrownBy(() -> opened.orTimeout(30, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("silent");
    }

    @Test
    void whatFailsBeforeTheSilenceIsOverIsNotWaitedFor() {
        CompletableFuture<EdgeDial.Opened> opened = open(NEVER);
        settle();
        quic.dial(0).completeExceptionally(new IllegalStateException("no UDP here"));
        settle();
        EdgeConnection connection = http2.answer(0);
        EdgeDial.Opened won = opened.orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(won.connection()).isSameAs(connection);
        assertThat(won.refusal()).hasMessage("no UDP here");
        assertThat(quic.dials).as("it said no").hasSize(1);
    }

    @Test
    void anAttemptThatNobodyAnswersIsOverAtOnce() {
        CompletableFuture<EdgeDial.Opened> opened = open(NEVER);
        settle();
        quic.dial(0).completeExceptionally(new IllegalStateException("no UDP here"));
        settle();
        http2.dial(0).completeExceptionally(new IllegalStateException("refused"));
        assertThatThrownBy(() -> opened.orTimeout(30, TimeUnit.SECONDS).join())
                .hasMessageContaining("no UDP here")
                .cause()
                .isInstanceOfSatisfying(
                        EdgeDial.Failed.class,
                        both -> assertThat(both.fallback())
                                .get()
                                .extracting(Throwable::getMessage)
                                .isEqualTo("refused"));
    }
}
