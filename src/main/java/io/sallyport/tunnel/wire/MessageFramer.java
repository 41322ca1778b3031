package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.capnproto.MessageReader;
import org.capnproto.ReaderOptions;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into Cap'n Proto messages (unpacked stream framing: segment count, sizes, segments). Memory grows
 * with the bytes that have arrived and not with the announced size, and a size above the limit is refused as soon as it
 * is announced.
 */
public final class MessageFramer {
    private static final int MOST_SEGMENTS = 16;
    private static final int DEEPEST = 24;
    /**
     * How many times its own size may be read of a message, so that a struct that many pointers share cannot keep us
     * busy.
     */
    private static final int TRAVERSALS = 4;

    private static final int SLACK_WORDS = 64;
    /** Bytes; most messages are shorter. */
    private static final int USUAL = 4 << 10;

    private int longest;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;

    /** @param longest message in bytes, its segment table included */
    public MessageFramer(int longest) {
        this.longest = longest;
    }

    /**
     * Takes bytes, at most to the end of one message; what follows stays in the buffer.
     *
     * @return the message's root, null while it is incomplete
     * @throws WireRefusal when it is longer than allowed or cannot be one
     */
    public @Nullable StructIn next(ByteBuf in) {
        long missing = missing();
        while (missing > 0) {
            int taken = (int) Math.min(missing, in.readableBytes());
            if (taken == 0) {
                return null;
            }
            if (pending.capacity() == 0) {
                // Usually the whole message has arrived, and fits without the buffer having to grow.
                pending = Unpooled.buffer(Math.min(in.readableBytes(), USUAL));
            }
            pending.writeBytes(in, taken);
            missing = missing();
        }
        ByteBuf whole = pending;
        pending = Unpooled.EMPTY_BUFFER;
        return StructIn.root(reader(whole));
    }

    /** Sets the limit of messages, in bytes. */
    void allow(int bytes) {
        longest = bytes;
    }

    /** Bytes that are missing at least. */
    private long missing() {
        int have = pending.readableBytes();
        if (have < 8) {
            return 8L - have;
        }
        int segments = segments(pending);
        int table = table(segments);
        if (have < table) {
            return (long) table - have;
        }
        long total = table;
        for (int i = 0; i < segments; i++) {
            total += pending.getUnsignedIntLE(4 + 4 * i) * 8;
        }
        if (total > longest) {
            throw new WireRefusal("a message is longer than " + longest + " bytes");
        }
        return total - have;
    }

    private static int segments(ByteBuf head) {
        long segments = head.getUnsignedIntLE(0) + 1;
        if (segments > MOST_SEGMENTS) {
            throw new WireRefusal("a message has more than " + MOST_SEGMENTS + " segments");
        }
        return (int) segments;
    }

    private static int table(int segments) {
        return (segments / 2 + 1) * 8;
    }

    private static MessageReader reader(ByteBuf whole) {
        int count = segments(whole);
        int at = table(count);
        ByteBuffer[] segments = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            int length = whole.getIntLE(4 + 4 * i) * 8;
            segments[i] = whole.nioBuffer(at, length).slice().order(ByteOrder.LITTLE_ENDIAN);
            at += length;
        }
        long words = (long) TRAVERSALS * whole.readableBytes() / 8 + SLACK_WORDS;
        return new MessageReader(segments, new ReaderOptions(words, DEEPEST));
    }
}
