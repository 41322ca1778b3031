package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;

/**
 * Follows the WebSocket frames in a stream of bytes without changing them (RFC 6455 §5.2): where frames end, and
 * whether they are masked.
 */
final class FrameTracker {
    /** Opcode of the close frame, the last one in a direction (RFC 6455 §5.5.1). */
    private static final int CLOSE = 0x8;

    private final Sender sender;
    private final byte[] head = new byte[10];
    private int headLength;
    private int headNeeded = 2;
    private long payloadLeft;
    private boolean closed;

    /** Who sends the frames: clients must mask them, servers must not (RFC 6455 §5.1). */
    enum Sender {
        CLIENT,
        SERVER;

        boolean masks() {
            return this == CLIENT;
        }
    }

    FrameTracker(Sender sender) {
        this.sender = sender;
    }

    /** Follows these bytes; false when a frame's masking is wrong (WS-03). Does not change the buffer's indices. */
    boolean follow(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payloadLeft > 0) {
                int skipped = (int) Math.min(payloadLeft, end - at);
                payloadLeft -= skipped;
                at += skipped;
                continue;
            }
            head[headLength++] = bytes.getByte(at++);
            if (headLength == 2) {
                boolean masked = (head[1] & 0x80) != 0;
                if (masked != sender.masks()) {
                    return false;
                }
                headNeeded = 2 + extendedLength(head[1] & 0x7f);
            }
            if (headLength == headNeeded) {
                payloadLeft = payloadLength() + (sender.masks() ? 4 : 0);
                closed |= (head[0] & 0x0f) == CLOSE;
                headLength = 0;
                headNeeded = 2;
            }
        }
        return true;
    }

    /** Whether a frame of our own may be inserted here: not inside a frame, and not after the close frame. */
    boolean isBetweenFrames() {
        return payloadLeft == 0 && headLength == 0 && !closed;
    }

    private static int extendedLength(int code) {
        return code == 126 ? 2 : code == 127 ? 8 : 0;
    }

    private long payloadLength() {
        int code = head[1] & 0x7f;
        if (code < 126) {
            return code;
        }
        long length = 0;
        for (int i = 2; i < headNeeded; i++) {
            length = (length << 8) | (head[i] & 0xff);
        }
        return length & Long.MAX_VALUE;
    }
}
