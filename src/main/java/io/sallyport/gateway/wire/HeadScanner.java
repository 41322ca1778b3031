package io.sallyport.gateway.wire;

import io.netty.buffer.ByteBuf;

/** Request line and fields, byte by byte (RFC 9112 §2 to §5). */
final class HeadScanner {
    private static final String PROTOCOL = "HTTP/";
    private static final String PREFACE = "PRI * HTTP/2.0";

    private boolean requestLine = true;
    private boolean afterCr;
    private boolean afterSpace;
    private boolean colon;
    private int column;
    private int spaces;
    private int inVersion;
    private boolean preface = true;
    private boolean http2;

    /**
     * The number of bytes up to the end of the head or of the buffer; negative when one of them is illegal where it
     * stands.
     */
    int scan(ByteBuf bytes) {
        int start = bytes.readerIndex();
        for (int at = start; at < bytes.writerIndex(); at++) {
            byte c = bytes.getByte(at);
            if (c == '\n') {
                if (!afterCr) {
                    return -1;
                }
                afterCr = false;
                if (endLine()) {
                    return at + 1 - start;
                }
                if (column < 0) {
                    return -1;
                }
            } else if (afterCr) {
                return -1;
            } else if (c == '\r') {
                afterCr = true;
            } else if (!inLine(c)) {
                return -1;
            } else if (colon) {
                at = endOfValue(bytes, at);
            }
        }
        return bytes.writerIndex() - start;
    }

    /**
     * Skips a field's value, of which only the end matters: returns the position of its last byte, or of the last byte
     * in the buffer.
     */
    private static int endOfValue(ByteBuf bytes, int at) {
        int lf = bytes.indexOf(at + 1, bytes.writerIndex(), (byte) '\n');
        int end = lf < 0 ? bytes.writerIndex() : lf;
        int cr = bytes.indexOf(at + 1, end, (byte) '\r');
        return (cr < 0 ? end : cr) - 1;
    }

    boolean isHttp2() {
        return http2;
    }

    /** Whether this line ended the head. A line that may not end here leaves a negative {@link #column}. */
    private boolean endLine() {
        if (requestLine) {
            if (column == 0) {
                return false; // an empty line before a request is ignored (RFC 9112 §2.2)
            }
            http2 = preface && column == PREFACE.length();
            boolean sound = spaces == 2 && !afterSpace && inVersion >= PROTOCOL.length();
            reset(false);
            column = sound ? 0 : -1;
            return http2;
        }
        boolean end = column == 0;
        boolean sound = end || colon;
        reset(end);
        column = sound ? 0 : -1;
        return end;
    }

    private boolean inLine(byte c) {
        boolean space = c == ' ';
        if (column == 0 && (space || c == '\t')) {
            return false; // a folded line, or white space in front of a request
        }
        boolean sound = requestLine ? inRequestLine(c, space) : inField(c, space);
        column++;
        afterSpace = space;
        return sound;
    }

    private boolean inRequestLine(byte c, boolean space) {
        preface = preface && column < PREFACE.length() && c == PREFACE.charAt(column);
        if (space) {
            spaces++;
            return !afterSpace && spaces <= 2;
        }
        if (spaces == 2) {
            if (inVersion < PROTOCOL.length() && c != PROTOCOL.charAt(inVersion)) {
                return false;
            }
            inVersion++;
        }
        return c > ' ';
    }

    private boolean inField(byte c, boolean space) {
        if (!colon && (space || c == '\t')) {
            return false;
        }
        colon = colon || c == ':';
        return true;
    }

    private void reset(boolean newRequest) {
        requestLine = newRequest;
        afterSpace = false;
        colon = false;
        column = 0;
        spaces = 0;
        inVersion = 0;
        preface = false;
    }
}
