package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketBytesTest {
    private static final byte[] MASK = {1, 2, 3, 4};

    private final Full full = new Full();
    private final EmbeddedChannel stream = new EmbeddedChannel(full);

    /** What is on its way to a client that reads nothing. */
    private static final class Full extends ChannelOutboundHandlerAdapter {
        private final Deque<Object> frames = new ArrayDeque<>();
        private final Deque<ChannelPromise> promises = new ArrayDeque<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            frames.add(message);
            promises.add(promise);
        }

        /** The client reads a frame after all. */
        ByteBuf sends() {
            promises.remove().setSuccess();
            return (ByteBuf) frames.remove();
        }
    }

    @AfterEach
    void end() {
        stream.close(); // gracefully
        stream.close();
    }

    private void ping(int number) {
        byte[] payload = {(byte) (number >> 8), (byte) number};
        ByteBuf frame = Unpooled.buffer().writeByte(0x89).writeByte(0x80 | payload.length);
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.writeByte(payload[i] ^ MASK[i]);
        }
        stream.writeInbound(frame);
    }

    @Test
    void aClientThatPingsAndReadsNothingIsOwedOneAnswerAtATimeAndTheNewestLast() {
        WebSocketBytes.addTo(stream.pipeline());
        for (int i = 1; i <= 1_000; i++) {
            ping(i);
        }

        assertThat(full.frames).hasSize(1);
        assertThat(full.sends().skipBytes(2).readShort()).isEqualTo((short) 1);
        assertThat(full.sends().skipBytes(2).readShort()).isEqualTo((short) 1_000);
        assertThat(full.frames).isEmpty();
    }

    @Test
    void pingsOfAClientThatReadsAreAnsweredEach() {
        WebSocketBytes.addTo(stream.pipeline());
        for (int i = 1; i <= 10; i++) {
            ping(i);
            assertThat(full.sends().skipBytes(2).readShort()).isEqualTo((short) i);
        }
    }

    @Test
    void aPingThatIsNeverAnsweredIsReleased() {
        stream.pipeline().addLast(new ChannelInboundHandlerAdapter());
        ChannelHandlerContext ctx = stream.pipeline().lastContext();
        Pongs pongs = new Pongs();
        ByteBuf overtaken = Unpooled.copiedBuffer(MASK);
        ByteBuf last = Unpooled.copiedBuffer(MASK);
        pongs.answer(ctx, Unpooled.copiedBuffer(MASK));
        pongs.answer(ctx, overtaken);
        pongs.answer(ctx, last);
        assertThat(overtaken.refCnt()).isZero();

        pongs.drop();

        assertThat(last.refCnt()).isZero();
    }
}
