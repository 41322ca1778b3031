package io.sallyport.gateway.wire;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.sallyport.http.FrameHeadReader;
import io.sallyport.http.FrameQuota;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * Follows the HTTP/2 frames in a stream of bytes without changing them (RFC 9113 §4.1), to refuse what the codec lets
 * pass: floods of frames whose only effect is that we answer them (DO-02, TU-07), and header blocks on streams that
 * have ended (RP-18).
 */
final class FrameScanner {
    /**
     * Frames in {@link #WINDOW} that carry no part of a request (SETTINGS, PING and the like); clients send a few in a
     * minute.
     */
    private static final int MOST_CONTROL_FRAMES = 3_000;

    /** Window updates of fewer bytes than this are counted: honest clients give credit in kilobytes. */
    private static final int LEAST_CREDIT = 1_024;

    private static final int MOST_LITTLE_CREDITS = 20_000;
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final IntPredicate over;
    private final FrameHeadReader head = new FrameHeadReader();
    private final FrameQuota controlFrames = new FrameQuota(MOST_CONTROL_FRAMES, WINDOW);
    private final FrameQuota littleCredits = new FrameQuota(MOST_LITTLE_CREDITS, WINDOW);
    private int prefaceLeft;
    private boolean blockOpen;
    private int highest;
    private int credit;
    private int creditLeft;
    private Http2Error error = Http2Error.NO_ERROR;

    /**
     * A scanner placed before the first frame.
     *
     * @param preface bytes of the connection preface still to come
     * @param over whether the client has ended its side of a stream, or skipped the stream's number
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
            int payload = head.skip(end - at);
            if (creditLeft > 0 && !isWorthIt(bytes, at, payload)) {
                return -1;
            }
            at += payload;
            if (at == end || !head.isWholeWith(bytes.getByte(at++))) {
                continue;
            }
            int before = at - FrameHeadReader.LENGTH - start;
            if (isOnKnownStream() && before > 0) {
                head.putBack();
                return before;
            }
            if (!isSound()) {
                return -1;
            }
        }
        return end - start;
    }

    /** Whether a header block began and is not whole yet. */
    boolean isInHeaderBlock() {
        return blockOpen || (head.isInPayload() && head.type() == Http2FrameTypes.HEADERS);
    }

    /** Why the connection is to end. */
    Http2Error error() {
        return error;
    }

    private boolean isOnKnownStream() {
        return head.type() == Http2FrameTypes.HEADERS && head.stream() <= highest;
    }

    private boolean isSound() {
        return switch (head.type()) {
            case Http2FrameTypes.HEADERS -> {
                blockOpen = !endsHeaders();
                yield mayCarryHeaders(head.stream());
            }
            case Http2FrameTypes.CONTINUATION -> {
                blockOpen = !endsHeaders();
                yield true;
            }
            // The codec counts these.
            case Http2FrameTypes.DATA, Http2FrameTypes.RST_STREAM -> true;
            case Http2FrameTypes.WINDOW_UPDATE -> {
                credit = 0;
                creditLeft = Integer.BYTES;
                yield true;
            }
            default -> isCalm(controlFrames);
        };
    }

    private boolean endsHeaders() {
        return (head.flags() & Http2Flags.END_HEADERS) != 0;
    }

    /** Notes a new stream; an old one may take trailers until the client has ended it. */
    private boolean mayCarryHeaders(int stream) {
        if (stream > highest) {
            highest = stream;
        } else if (stream % 2 == 1 && over.test(stream)) {
            error = Http2Error.STREAM_CLOSED;
            return false;
        }
        return true;
    }

    /**
     * Reads a piece of a WINDOW_UPDATE payload. Credit of one byte makes us send a whole frame for one byte of data, so
     * small updates are limited.
     */
    private boolean isWorthIt(ByteBuf bytes, int from, int length) {
        for (int i = 0; i < length && creditLeft > 0; i++, creditLeft--) {
            credit = (credit << 8) | (bytes.getByte(from + i) & 0xff);
        }
        return creditLeft > 0 || credit >= LEAST_CREDIT || isCalm(littleCredits);
    }

    private boolean isCalm(FrameQuota quota) {
        if (quota.admitsOneMore()) {
            return true;
        }
        error = Http2Error.ENHANCE_YOUR_CALM;
        return false;
    }
}
