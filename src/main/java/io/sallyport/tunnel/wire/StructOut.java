package io.sallyport.tunnel.wire;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.capnproto.Data;
import org.capnproto.SegmentBuilder;
import org.capnproto.StructBuilder;
import org.capnproto.StructList;
import org.capnproto.Text;
import org.capnproto.TextList;

/** A struct in a Cap'n Proto message that is being written, by position; offsets as in {@link StructIn}. */
final class StructOut extends StructBuilder {
    private static final long CAPABILITY = 3;

    StructOut(SegmentBuilder segment, int data, int pointers, int dataSize, short pointerCount) {
        super(segment, data, pointers, dataSize, pointerCount);
    }

    void bit(int index, boolean value) {
        _setBooleanField(index, value);
    }

    void u8(int offset, int value) {
        _setByteField(offset, (byte) value);
    }

    void u16(int index, int value) {
        _setShortField(index, (short) value);
    }

    void i32(int index, int value) {
        _setIntField(index, value);
    }

    void i64(int index, long value) {
        _setLongField(index, value);
    }

    void text(int pointer, String value) {
        if (!value.isEmpty()) {
            _setPointerField(Text.factory, pointer, new Text.Reader(value));
        }
    }

    void data(int pointer, byte[] value) {
        _setPointerField(Data.factory, pointer, new Data.Reader(value));
    }

    void uuid(int pointer, UUID value) {
        data(
                pointer,
                ByteBuffer.allocate(16)
                        .putLong(value.getMostSignificantBits())
                        .putLong(value.getLeastSignificantBits())
                        .array());
    }

    StructOut struct(int pointer, Layout layout) {
        return _initPointerField(new Cells(layout), pointer, 0);
    }

    StructList.Builder<StructOut> structs(int pointer, Layout layout, int size) {
        return _initPointerField(StructList.newFactory(new Cells(layout)), pointer, size);
    }

    void texts(int pointer, List<String> values) {
        TextList.Builder list = _initPointerField(TextList.factory, pointer, values.size());
        for (int i = 0; i < values.size(); i++) {
            list.set(i, new Text.Reader(values.get(i)));
        }
    }

    /** A pointer to an entry of the message's capability table, which the library does not support. */
    void capability(int pointer, int index) {
        segment.put(pointers + pointer, CAPABILITY | (long) index << 32);
    }
}
