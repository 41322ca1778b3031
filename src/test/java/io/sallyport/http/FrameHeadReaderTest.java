package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameHeadReaderTest {
    private static final int HEADERS = 1;
    private static final int DATA = 0;

    private final FrameHeadReader reader = new FrameHeadReader();

    private record Head(int type, int flags, int stream, boolean hasPayload) {}

    @Test
    void headsAreTheSameWhereverTheBytesAreCut() {
        byte[] frames = concat(
                frame(HEADERS, 0x25, 1, 300),
                frame(DATA, 0x01, 1, 0),
                frame(0xfe, 0xff, 0x7fffffff, 70_000),
                frame(DATA, 0x00, 3, 1));
        List<Head> expected = List.of(
                new Head(HEADERS, 0x25, 1, true),
                new Head(DATA, 0x01, 1, false),
                new Head(0xfe, 0xff, 0x7fffffff, true),
                new Head(DATA, 0x00, 3, true));
        for (int piece : new int[] {1, 2, 8, 9, 10, 309, 1_000, frames.length}) {
            assertThat(read(frames, piece)).as("pieces of %d", piece).isEqualTo(expected);
        }
    }

    @Test
    void theReservedBitIsNoPartOfTheStream() {
        byte[] frame = frame(DATA, 0, 5, 0);
        frame[5] |= (byte) 0x80;
        assertThat(read(frame, frame.length)).containsExactly(new Head(DATA, 0, 5, false));
    }

    @Test
    void aHeadThatIsPutBackIsReadAgain() {
        byte[] frame = frame(HEADERS, 4, 7, 10);
        assertThat(takeHead(frame)).isTrue();
        reader.putBack();
        assertThat(reader.skip(frame.length)).isZero();
        assertThat(takeHead(frame)).isTrue();
        assertThat(reader.stream()).isEqualTo(7);
        assertThat(reader.skip(frame.length)).isEqualTo(10);
    }

    private boolean takeHead(byte[] frame) {
        boolean whole = false;
        for (int i = 0; i < FrameHeadReader.LENGTH; i++) {
            whole = reader.isWholeWith(frame[i]);
        }
        return whole;
    }

    private List<Head> read(byte[] bytes, int piece) {
        List<Head> heads = new ArrayList<>();
        for (int start = 0; start < bytes.length; start += piece) {
            int end = Math.min(bytes.length, start + piece);
            int at = start;
            while (at < end) {
                at += reader.skip(end - at);
                if (at < end && reader.isWholeWith(bytes[at++])) {
                    heads.add(new Head(reader.type(), reader.flags(), reader.stream(), reader.isInPayload()));
                }
            }
        }
        return heads;
    }

    private static byte[] frame(int type, int flags, int stream, int length) {
        byte[] frame = new byte[FrameHeadReader.LENGTH + length];
        frame[0] = (byte) (length >> 16);
        frame[1] = (byte) (length >> 8);
        frame[2] = (byte) length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[5] = (byte) (stream >> 24);
        frame[6] = (byte) (stream >> 16);
        frame[7] = (byte) (stream >> 8);
        frame[8] = (byte) stream;
        return frame;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
