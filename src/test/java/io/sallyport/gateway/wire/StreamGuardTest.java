package io.sallyport.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.RawHttp2;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** DO-02: what a stream would keep of a client's frames while nobody reads it. */
class StreamGuardTest {
    private static final int SMALL_PIECES = EdgeServer.STREAM_WINDOW / 4;

    private final List<Object> kept = new ArrayList<>();
    private boolean isRead;
    private EmbeddedChannel connection;

    @BeforeEach
    void begin() {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forServer().build();
        EdgeLimits limits = new EdgeLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(75),
                DataSize.ofBytes(240),
                Duration.ofSeconds(10),
                10,
                10,
                Duration.ofSeconds(100));
        connection = new EmbeddedChannel(codec, new StreamGuard(limits, codec), new Streams());
        connection.writeInbound(
                Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII),
                frame(RawHttp2.SETTINGS, 0, 0, new byte[0]),
                frame(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS,
                        1,
                        RawHttp2.block(List.of(
                                ":method", "POST", ":scheme", "https", ":authority", "app.localhost", ":path", "/"))));
        assertThat(kept).hasAtLeastOneElementOfType(Http2HeadersFrame.class);
    }

    @AfterEach
    void end() {
        kept.forEach(ReferenceCountUtil::release);
        connection.finishAndReleaseAll();
    }

    private static ByteBuf frame(int type, int flags, int stream, byte[] payload) {
        return Unpooled.wrappedBuffer(RawHttp2.framed(type, flags, stream, payload));
    }

    /** In the place of the streams: keeps what it gets, or reads it and gives credit for it. */
    private final class Streams extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (isRead && message instanceof Http2DataFrame data) {
                ctx.write(new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes()).stream(data.stream()));
                data.release();
            } else {
                kept.add(message);
            }
        }
    }

    private void sendSmallPieces() {
        for (int i = 0; i < SMALL_PIECES && connection.isOpen(); i++) {
            connection.writeInbound(frame(RawHttp2.DATA, 0, 1, new byte[1]));
        }
    }

    @Test
    void do02_framesOfNoKnownTypeAreNotKept() {
        connection.writeInbound(frame(0x20, 0, 1, new byte[10_000]));
        assertThat(kept).doesNotHaveAnyElementsOfTypes(Http2UnknownFrame.class);
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void do02_smallPiecesThatNobodyReadsEndTheConnection() {
        sendSmallPieces();
        assertThat(connection.isOpen()).isFalse();
        assertThat(kept).hasSizeLessThan(SMALL_PIECES / 2);
        assertThat(goAway()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
    }

    @Test
    void smallPiecesThatSomebodyReadsAreBorne() {
        isRead = true;
        sendSmallPieces();
        assertThat(connection.isOpen()).isTrue();
    }

    /** The code of the GOAWAY among the bytes that were sent; -1 when there is none. */
    private long goAway() {
        long code = -1;
        for (ByteBuf sent = connection.readOutbound(); sent != null; sent = connection.readOutbound()) {
            while (sent.readableBytes() >= 9) {
                int length = sent.readUnsignedMedium();
                int type = sent.readUnsignedByte();
                sent.skipBytes(5);
                if (type == RawHttp2.GOAWAY) {
                    code = sent.getUnsignedInt(sent.readerIndex() + 4);
                }
                sent.skipBytes(Math.min(length, sent.readableBytes()));
            }
            sent.release();
        }
        return code;
    }
}
