package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.capnproto.MessageBuilder;

/** A struct waiting to be written: parameters or results of a call, or a whole message. */
public final class Body {
    /** A struct without fields. */
    public static final Body EMPTY = new Body(new Layout(0, 0), 0, out -> {});

    private static final int FIXED_WORDS = 64;

    private final Layout layout;
    private final int words;
    private final Consumer<StructOut> fill;

    /** @param size estimate of the bytes of variable length; if it is too small, the message gets a second segment */
    Body(Layout layout, int size, Consumer<StructOut> fill) {
        this.layout = layout;
        this.words = FIXED_WORDS + size / 8;
        this.fill = fill;
    }

    void into(StructOut parent, int pointer) {
        fill.accept(parent.struct(pointer, layout));
    }

    /** About how many bytes {@link #into} adds. */
    int size() {
        return words * 8;
    }

    /** This struct as a message of its own, framed for a stream (unpacked: segment count, sizes, segments). */
    ByteBuf message() {
        MessageBuilder message = new MessageBuilder(words);
        fill.accept(message.initRoot(new Cells(layout)));
        ByteBuffer[] segments = message.getSegmentsForOutput();
        int table = (segments.length / 2 + 1) * 8;
        int total = table;
        for (ByteBuffer segment : segments) {
            total += segment.remaining();
        }
        ByteBuf out = Unpooled.buffer(total, total);
        out.writeIntLE(segments.length - 1);
        for (ByteBuffer segment : segments) {
            out.writeIntLE(segment.remaining() / 8);
        }
        out.writeZero(table - out.writerIndex());
        for (ByteBuffer segment : segments) {
            out.writeBytes(segment);
        }
        return out;
    }
}
