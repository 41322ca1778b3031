package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the connector ends a stream of bytes over HTTP/2: by an end of its own, as a reset could overtake the last bytes. */
class ContentBytesTest {
    private final EmbeddedChannel stream = new EmbeddedChannel(new Http2StreamCodec(), new ContentBytes());

    @BeforeEach
    void asked() {
        stream.writeInbound(new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers()
                        .method("GET")
                        .path("/")
                        .scheme("http")
                        .authority("app.example")
                        .set(TunnelHeaders.UPGRADE, "websocket"),
                false));
        stream.writeOutbound(EdgeResponse.bare(200, ResponseMeta.ORIGIN));
        stream.writeOutbound(Unpooled.copiedBuffer("last bytes", StandardCharsets.US_ASCII));
    }

    @AfterEach
    void release() {
        stream.finishAndReleaseAll();
    }

    @ParameterizedTest(name = "the visitor has ended: {0}")
    @ValueSource(booleans = {true, false})
    void theEndComesBehindTheLastBytesAndBeforeAnyReset(boolean isEndedByVisitor) {
        if (isEndedByVisitor) {
            stream.writeInbound(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        }

        stream.close();

        assertThat(said()).startsWith("head", "last bytes", "end");
    }

    private List<String> said() {
        List<String> said = new ArrayList<>();
        for (Object frame = stream.readOutbound(); frame != null; frame = stream.readOutbound()) {
            switch (frame) {
                case Http2HeadersFrame head -> said.add(head.isEndStream() ? "head and end" : "head");
                case Http2DataFrame data -> {
                    if (data.content().isReadable()) {
                        said.add(text(data.content()));
                    }
                    if (data.isEndStream()) {
                        said.add("end");
                    }
                }
                case Http2ResetFrame reset -> said.add("reset " + Http2Error.valueOf(reset.errorCode()));
                default -> said.add(frame.toString());
            }
            ReferenceCountUtil.release(frame);
        }
        return said;
    }

    private static String text(ByteBuf bytes) {
        return bytes.toString(StandardCharsets.US_ASCII);
    }
}
