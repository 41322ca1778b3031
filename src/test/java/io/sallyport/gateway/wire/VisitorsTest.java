package io.sallyport.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.sallyport.testkit.RawHttp2;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Visitors are told to go before anything is closed for them: what closes a connection later says so by itself, too late. */
class VisitorsTest {
    private static final int HEAD = 9;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Http2FrameCodec codec =
            Http2FrameCodecBuilder.forServer().autoAckSettingsFrame(false).build();
    private final EmbeddedChannel connection = new EmbeddedChannel(codec);
    private final Visitors visitors = new Visitors();

    @AfterEach
    void close() {
        connection.finishAndReleaseAll();
    }

    @Test
    void http2ConnectionsAreToldAtOnceAndStayOpen() {
        hears(Unpooled.copiedBuffer(PREFACE, StandardCharsets.US_ASCII));
        hears(Unpooled.wrappedBuffer(RawHttp2.framed(RawHttp2.SETTINGS, 0, 0, new byte[0])));
        hears(Unpooled.wrappedBuffer(RawHttp2.framed(
                RawHttp2.HEADERS,
                RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                1,
                RawHttp2.block(List.of(RawHttp2.get("app.localhost", "/"))))));
        visitors.add(connection);
        said();

        visitors.sendAway();

        assertThat(said()).containsExactly("07 stream 0, last 1, code 0");
        assertThat(connection.isOpen()).isTrue();
        assertThat(codec.connection().stream(1)).as("the request that runs").isNotNull();
        assertThat(visitors.isClosing())
                .as("HTTP/1.1 is told with the next answer")
                .isTrue();
    }

    @Test
    void whoHasGoneIsNotTold() {
        visitors.add(connection);
        connection.close();
        said();
        visitors.sendAway();
        assertThat(said()).isEmpty();
    }

    private void hears(ByteBuf bytes) {
        connection.writeInbound(bytes);
    }

    /** The frames that were sent since. */
    private List<String> said() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf piece = connection.readOutbound(); piece != null; piece = connection.readOutbound()) {
            all.writeBytes(piece);
            piece.release();
        }
        List<String> frames = new ArrayList<>();
        while (all.isReadable(HEAD)) {
            int length = all.readUnsignedMedium();
            String type = ByteBufUtil.hexDump(all, all.readerIndex(), 1);
            all.skipBytes(2);
            int stream = all.readInt();
            ByteBuf payload = all.readSlice(length);
            frames.add(
                    type.equals("07")
                            ? "07 stream %d, last %d, code %d".formatted(stream, payload.readInt(), payload.readInt())
                            : type);
        }
        return frames;
    }
}
