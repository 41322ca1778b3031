package io.sallyport.tunnel.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.capnproto.Data;
import org.capnproto.MessageReader;
import org.capnproto.SegmentReader;
import org.capnproto.StructList;
import org.capnproto.StructReader;
import org.capnproto.Text;
import org.capnproto.TextList;

/**
 * A struct in a received Cap'n Proto message, read by position. Fields beyond the end of a struct from an older sender read as their
 * defaults. The library checks pointers, types, depth and the amount of traversal; whatever it throws becomes a {@link WireRefusal}.
 */
public final class StructIn extends StructReader {
    private static final Cells FACTORY = new Cells(new Layout(0, 0));
    private static final char REPLACEMENT = '\uFFFD';
    private static final StructList.Factory<StructOut, StructIn> LIST = StructList.newFactory(FACTORY);

    StructIn(SegmentReader segment, int data, int pointers, int dataSize, short pointerCount, int nestingLimit) {
        super(segment, data, pointers, dataSize, pointerCount, nestingLimit);
    }

    boolean bit(int index) {
        return _getBooleanField(index);
    }

    /** The unsigned byte at a byte offset. */
    int u8(int offset) {
        return Byte.toUnsignedInt(_getByteField(offset));
    }

    /** The unsigned 16-bit number at an offset counted in such numbers. */
    int u16(int index) {
        return Short.toUnsignedInt(_getShortField(index));
    }

    /** The 32-bit number at an offset counted in such numbers. */
    int i32(int index) {
        return _getIntField(index);
    }

    /** The 64-bit number at an offset counted in such numbers. */
    long i64(int index) {
        return _getLongField(index);
    }

    /** Text, empty when absent. */
    String text(int pointer) {
        return follow(() -> string(_getPointerField(Text.factory, pointer, null, 0, 0)));
    }

    /** Bytes, none when absent. */
    byte[] data(int pointer) {
        return follow(() -> _getPointerField(Data.factory, pointer, null, 0, 0).toArray());
    }

    /** Sixteen bytes in network order. */
    UUID uuid(int pointer) {
        byte[] bytes = data(pointer);
        if (bytes.length != 16) {
            throw new WireRefusal("an id has not 16 bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /** The struct behind a pointer; all defaults when absent. */
    StructIn struct(int pointer) {
        return follow(() -> _getPointerField(FACTORY, pointer));
    }

    /** The structs of a list, none when absent. */
    List<StructIn> structs(int pointer, int most) {
        return follow(() -> {
            StructList.Reader<StructIn> list = _getPointerField(LIST, pointer, null, 0);
            List<StructIn> elements = new ArrayList<>();
            for (int i = 0; i < bounded(list.size(), most); i++) {
                elements.add(list.get(i));
            }
            return List.copyOf(elements);
        });
    }

    /** The texts of a list, none when absent. */
    List<String> texts(int pointer, int most) {
        return follow(() -> {
            TextList.Reader list = _getPointerField(TextList.factory, pointer, null, 0);
            List<String> elements = new ArrayList<>();
            for (int i = 0; i < bounded(list.size(), most); i++) {
                elements.add(string(list.get(i)));
            }
            return List.copyOf(elements);
        });
    }

    static StructIn root(MessageReader message) {
        return guarded(() -> message.getRoot(FACTORY));
    }

    private static int bounded(int size, int most) {
        if (size < 0 || size > most) {
            throw new WireRefusal("a list is longer than " + most);
        }
        return size;
    }

    private static String string(Text.Reader text) {
        ByteBuffer bytes = text.asByteBuffer();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        String read = new String(copy, StandardCharsets.UTF_8);
        // The library replaces invalid UTF-8 by this character. Only if it occurs is the text decoded again, strictly.
        if (read.indexOf(REPLACEMENT) < 0) {
            return read;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new WireRefusal("text is not UTF-8");
        }
    }

    private <T> T follow(Supplier<T> pointer) {
        return guarded(pointer);
    }

    /** The library reports invalid pointers by its own exceptions, buffer exceptions and index exceptions; all mean a malformed message. */
    private static <T> T guarded(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (WireRefusal e) {
            throw e;
        } catch (RuntimeException e) {
            throw new WireRefusal("a Cap'n Proto message is malformed");
        }
    }
}
