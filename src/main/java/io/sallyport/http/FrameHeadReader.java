package io.sallyport.http;

/**
 * Finds the heads of HTTP/2 frames in a stream of bytes that comes in pieces of any length (RFC 9113 §4.1), and steps
 * over the payloads. It is for guards in front of a codec, which count frames that the codec ignores. Not shared
 * between threads.
 *
 * <p>For each piece the caller alternates between {@link #skip} and {@link #isWholeWith} until the piece is used up.
 */
public final class FrameHeadReader {
    /** The length of a head in bytes. */
    public static final int LENGTH = 9;

    private final byte[] head = new byte[LENGTH];
    private int present;
    private int payloadLeft;

    /**
     * Steps over what is left of the present frame's payload.
     *
     * @param available bytes in the buffer
     * @return how many of them belong to the payload; 0 when a head comes next
     */
    public int skip(int available) {
        int skipped = Math.min(payloadLeft, available);
        payloadLeft -= skipped;
        return skipped;
    }

    /**
     * Takes the next byte of a head, once the payload before it has been skipped.
     *
     * @return whether the head is whole, so that {@link #type}, {@link #flags}, {@link #stream} and {@link #isInPayload} speak of it
     */
    public boolean isWholeWith(byte next) {
        head[present++] = next;
        if (present < LENGTH) {
            return false;
        }
        present = 0;
        payloadLeft = (unsigned(0) << 16) | (unsigned(1) << 8) | unsigned(2);
        return true;
    }

    /** Forgets the head that has just become whole: its {@value #LENGTH} bytes will be taken once more. */
    public void putBack() {
        payloadLeft = 0;
    }

    /** The frame's type, an unsigned byte (§6). */
    public int type() {
        return unsigned(3);
    }

    /** The frame's flags, an unsigned byte. */
    public int flags() {
        return unsigned(4);
    }

    /** The stream that the frame belongs to; 0 for the connection. */
    public int stream() {
        return ((unsigned(5) & 0x7f) << 24) | (unsigned(6) << 16) | (unsigned(7) << 8) | unsigned(8);
    }

    /** Whether some of the present frame's payload is still to come. */
    public boolean isInPayload() {
        return payloadLeft > 0;
    }

    /** How many bytes of the present frame's payload are still to come. */
    public int payloadLeft() {
        return payloadLeft;
    }

    private int unsigned(int index) {
        return Byte.toUnsignedInt(head[index]);
    }
}
