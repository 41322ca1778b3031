package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.concurrent.Future;
import io.sallyport.testkit.RawHttp2;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link FrameBudget} does not wait for. */
class FrameBudgetTest {
    /**
     * TU-07: our setting that forbids it holds only once the other end has acknowledged our settings. Until then the codec would keep
     * each promise with the stream it came on.
     */
    @Test
    void tu07AConnectorThatAcknowledgesNoSettingsMayPromiseNothingEither() {
        Http2FrameCodec codec = TunnelHttp2.client().build();
        FrameBudget.limit(codec);
        EmbeddedChannel connection = new EmbeddedChannel(codec, new Http2MultiplexHandler(new TunnelHttp2.Refused()));
        try {
            connection.writeInbound(Unpooled.wrappedBuffer(RawHttp2.framed(RawHttp2.SETTINGS, 0, 0, new byte[0])));
            Future<Http2StreamChannel> opened = new Http2StreamChannelBootstrap(connection)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new ChannelInboundHandlerAdapter())
                    .open();
            connection.runPendingTasks();
            Http2StreamChannel stream = opened.getNow();
            ((Channel) stream)
                    .writeAndFlush(new DefaultHttp2HeadersFrame(
                            new DefaultHttp2Headers()
                                    .method("GET")
                                    .scheme("http")
                                    .authority("app.localhost")
                                    .path("/"),
                            true));
            byte[] block = RawHttp2.block(List.of(RawHttp2.get("app.localhost", "/promised")));
            byte[] promise =
                    ByteBuffer.allocate(4 + block.length).putInt(2).put(block).array();
            assertThat(connection.isOpen()).isTrue();
            ByteBuf pushed = Unpooled.wrappedBuffer(RawHttp2.framed(
                    RawHttp2.PUSH_PROMISE, RawHttp2.END_HEADERS, stream.stream().id(), promise));
            assertThatThrownBy(() -> connection.writeInbound(pushed)).isInstanceOf(Http2Exception.class);
            assertThat(connection.isOpen()).isFalse();
        } finally {
            connection.finishAndReleaseAll();
        }
    }
}
