package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * Follows HTTP/2 frames through a stream of bytes without touching them (RFC 9113 §4.1), for what the codec lets pass: a flood of
 * frames that only make us answer (DO-02, TU-07), and header blocks on streams that are over (RP-18).
 */
final class FrameScanner {
    /** Of frames that carry nothing of a request; clients send a few in a minute. */
    private static final int MOST_CONTROL_FRAMES = 3_000;

    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int HEAD = 9;
    private static final int END_HEADERS = 4;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private final IntPredicate over;
    private final byte[] head = new byte[HEAD];
    private int prefaceLeft;
    private int headLength;
    private int payloadLeft;
    private boolean blockOpen;
    private int highest;
    private int controlFrames;
    private long windowStart = System.nanoTime();
    private Http2Error error = Http2Error.NO_ERROR;

    /**
     * Begins in front of the first frame.
     *
     * @param preface bytes of the connection preface still to come
     * @param over whether the client ended its side of a stream before, or of one that it left out
     */
    FrameScanner(int preface, IntPredicate over) {
        this.prefaceLeft = preface;
        this.over = over;
    }

    /**
     * How many bytes may go to the codec in one piece, negative when the connection is to end. A piece ends in front of a header
     * block on a known stream, because only a codec that has read everything before it can say whether that stream is over.
     */
    int scan(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int end = bytes.writerIndex();
        if (prefaceLeft > 0) {
            int length = Math.min(prefaceLeft, end - start);
            prefaceLeft -= length;
            return length;
        }
        int at = start;
        while (at < end) {
            if (payloadLeft > 0) {
                int skipped = Math.min(payloadLeft, end - at);
                payloadLeft -= skipped;
                at += skipped;
                continue;
            }
            head[headLength++] = bytes.getByte(at++);
            if (headLength < HEAD) {
                continue;
            }
            headLength = 0;
            if (isOnKnownStream() && at - HEAD > start) {
                return at - HEAD - start;
            }
            if (!isSound()) {
                return -1;
            }
            payloadLeft = ((head[0] & 0xff) << 16) | ((head[1] & 0xff) << 8) | (head[2] & 0xff);
        }
        return end - start;
    }

    /** Whether a header block began and is not whole yet. */
    boolean isInHeaderBlock() {
        return blockOpen || (payloadLeft > 0 && head[3] == HEADERS);
    }

    /** Why the connection is to end. */
    Http2Error error() {
        return error;
    }

    private boolean isOnKnownStream() {
        return head[3] == HEADERS && stream() <= highest;
    }

    private boolean isSound() {
        return switch (head[3]) {
            case HEADERS -> {
                blockOpen = (head[4] & END_HEADERS) == 0;
                int stream = stream();
                if (stream > highest) {
                    highest = stream;
                } else if (stream % 2 == 1 && over.test(stream)) {
                    error = Http2Error.STREAM_CLOSED;
                    yield false;
                }
                yield true;
            }
            case CONTINUATION -> {
                blockOpen = (head[4] & END_HEADERS) == 0;
                yield true;
            }
            case DATA, RST_STREAM, WINDOW_UPDATE -> true; // the codec counts these
            default -> isCalm();
        };
    }

    private boolean isCalm() {
        long now = System.nanoTime();
        if (now - windowStart > WINDOW_NANOS) {
            windowStart = now;
            controlFrames = 0;
        }
        if (++controlFrames <= MOST_CONTROL_FRAMES) {
            return true;
        }
        error = Http2Error.ENHANCE_YOUR_CALM;
        return false;
    }

    private int stream() {
        return ((head[5] & 0x7f) << 24) | ((head[6] & 0xff) << 16) | ((head[7] & 0xff) << 8) | (head[8] & 0xff);
    }
}
