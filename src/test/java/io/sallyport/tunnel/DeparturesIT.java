package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How requests leave over QUIC: those of one turn of the event loop in one call, and each in as few packets as can be. */
class DeparturesIT extends OneWorld {
    private static final int REQUESTS = 20;

    private final Claim claim = world.tunnel();
    private TestConnector connector;

    @BeforeEach
    void dial() {
        connector = world.dial(TunnelProtocol.QUIC, claim).registered();
    }

    @Test
    void requestsOfOneTurnAreSentTogether() throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(REQUESTS);
        connector.answering(request -> arrived.countDown());
        List<Channel> streams = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            streams.add(world.open(claim, new ChannelInboundHandlerAdapter()));
        }
        Calls calls = new Calls();
        streams.getFirst().parent().parent().pipeline().addFirst(calls);

        streams.getFirst().eventLoop().execute(() -> streams.forEach(each -> each.writeAndFlush(TunnelWorld.get("/"))));

        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(calls.flushes).hasValueLessThan(REQUESTS / 2);
        streams.forEach(Channel::close);
    }

    @Test
    void theHeadOfARequestWithoutABodyIsItsEnd() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        connector.answering(request -> request.received.thenRun(() -> ended.complete(null)));
        Channel stream = world.open(claim, new ChannelInboundHandlerAdapter());

        stream.eventLoop().execute(() -> stream.writeAndFlush(TunnelWorld.get("/")));

        assertThat(ended).as("the end of a request that nobody answers").succeedsWithin(Duration.ofSeconds(10));
        stream.close();
    }

    /** How often something is sent. */
    private static final class Calls extends ChannelOutboundHandlerAdapter {
        private final AtomicInteger flushes = new AtomicInteger();

        @Override
        public void flush(ChannelHandlerContext ctx) {
            flushes.incrementAndGet();
            ctx.flush();
        }
    }
}
