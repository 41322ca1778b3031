package io.sallyport.control;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Hands out no more than one line of a text at a time, however much is asked for. So a reader that buffers has taken no more lines
 * than it has looked at, and {@link #last} is the one it is at.
 */
final class SingleLines extends InputStream {
    private final byte[] text;
    private int begun;
    private int next;
    private int taken;

    SingleLines(byte[] text) {
        this.text = text.clone();
    }

    /** How many lines were handed out, whole or in part. */
    int taken() {
        return taken;
    }

    /** The line that was handed out last, without its end. */
    String last() {
        int end = begun;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        return new String(text, begun, end - begun, StandardCharsets.UTF_8).stripTrailing();
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (next == text.length) {
            return -1;
        }
        if (next == 0 || text[next - 1] == '\n') {
            begun = next;
            taken++;
        }
        int count = 0;
        while (count < length && next < text.length) {
            byte each = text[next++];
            into[offset + count++] = each;
            if (each == '\n') {
                break;
            }
        }
        return count;
    }
}
