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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What many streams of a QUIC connection say in one turn of its event loop, when nothing has arrived in that turn. */
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
