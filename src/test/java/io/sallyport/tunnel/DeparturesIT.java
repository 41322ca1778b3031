package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestConnectorQuic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How requests leave over QUIC: those of one turn of the event loop in one call, and each in as few packets as can be. */
class DeparturesIT {
    private static final int REQUESTS = 20;

    @Test
    void requestsOfOneTurnAreSentTogether(@TempDir Path files) throws InterruptedException {
        try (TunnelWorld world = new TunnelWorld(files)) {
            Claim claim = world.tunnel();
            TestConnectorQuic connector = TestConnectorQuic.dial(world.server.port(), claim);
            connector.registered();
            CountDownLatch arrived = new CountDownLatch(REQUESTS);
            connector.answering(request -> arrived.countDown());
            List<Channel> streams = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                streams.add((Channel) world.only(claim)
                        .open(new ChannelInboundHandlerAdapter())
                        .syncUninterruptibly()
                        .getNow());
            }
            Calls calls = new Calls();
            streams.getFirst().parent().parent().pipeline().addFirst(calls);

            streams.getFirst().eventLoop().execute(() -> streams.forEach(DeparturesIT::ask));

            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(calls.flushes).hasValueLessThan(REQUESTS / 2);
            streams.forEach(Channel::close);
            connector.close();
        }
    }

    @Test
    void theHeadOfARequestWithoutABodyIsItsEnd(@TempDir Path files) {
        try (TunnelWorld world = new TunnelWorld(files)) {
            Claim claim = world.tunnel();
            TestConnectorQuic connector = TestConnectorQuic.dial(world.server.port(), claim);
            connector.registered();
            CompletableFuture<Void> ended = new CompletableFuture<>();
            connector.answering(request -> request.received.thenRun(() -> ended.complete(null)));
            Channel stream = (Channel) world.only(claim)
                    .open(new ChannelInboundHandlerAdapter())
                    .syncUninterruptibly()
                    .getNow();

            stream.eventLoop().execute(() -> ask(stream));

            assertThat(ended).as("the end of a request that nobody answers").succeedsWithin(Duration.ofSeconds(10));
            stream.close();
            connector.close();
        }
    }

    private static void ask(Channel stream) {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.headers().set(HttpHeaderNames.HOST, "wiki.localhost");
        stream.writeAndFlush(request);
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
