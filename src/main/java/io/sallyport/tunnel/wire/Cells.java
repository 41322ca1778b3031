package io.sallyport.tunnel.wire;

import org.capnproto.SegmentBuilder;
import org.capnproto.SegmentReader;
import org.capnproto.StructFactory;
import org.capnproto.StructSize;

/** Creates structs of one layout; Java has no generator for Cap'n Proto, and our structs are few and flat. */
final class Cells extends StructFactory<StructOut, StructIn> {
    private final StructSize size;

    Cells(Layout layout) {
        this.size = new StructSize((short) layout.words(), (short) layout.pointers());
    }

    @Override
    public StructIn constructReader(
            SegmentReader segment, int data, int pointers, int dataSize, short pointerCount, int nestingLimit) {
        return new StructIn(segment, data, pointers, dataSize, pointerCount, nestingLimit);
    }

    @Override
    public StructOut constructBuilder(
            SegmentBuilder segment, int data, int pointers, int dataSize, short pointerCount) {
        return new StructOut(segment, data, pointers, dataSize, pointerCount);
    }

    @Override
    public StructSize structSize() {
        return size;
    }

    @Override
    public StructIn asReader(StructOut builder) {
        throw new UnsupportedOperationException("what is being written is not read");
    }
}
