package io.sallyport.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.LastHttpContent;
import io.sallyport.testkit.Heap;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestOfBodyTest {
    /** A balancer keeps its connections for days, and each may carry any number of posts that are answered before they end. */
    @Test
    void do04_nothingIsKeptOfARestThatHasCome() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        long before = Heap.count(RestOfBody.class.getName());

        for (int i = 0; i < 100; i++) {
            assertThat(new RestOfBody(ctx, Duration.ofSeconds(10)).isBearable(LastHttpContent.EMPTY_LAST_CONTENT))
                    .isTrue();
        }

        assertThat(Heap.count(RestOfBody.class.getName())).isLessThan(before + 10);
        assertThat(channel.isOpen()).isTrue();
        channel.close();
    }
}
