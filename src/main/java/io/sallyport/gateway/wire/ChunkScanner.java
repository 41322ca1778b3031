package io.sallyport.gateway.wire;

import io.netty.buffer.ByteBuf;

/** Finds the end of a chunked body (RFC 9112 §7.1). The contents of the chunks are left to the codec. */
final class ChunkScanner {
    private static final int LONGEST_LINE = 8 * 1024;

    private enum At {
        SIZE,
        EXTENSION,
        DATA,
        AFTER_DATA,
        TRAILER,
        END
    }

    private At at = At.SIZE;
    private boolean afterCr;
    private long size;
    private int digits;
    private int line;

    boolean isAtEnd() {
        return at == At.END;
    }

    /**
     * The number of bytes up to the end of the body or of the buffer; negative when one of them is illegal where it
     * stands.
     */
    int scan(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int index = start;
        while (index < bytes.writerIndex() && at != At.END) {
            if (at == At.DATA) {
                int skipped = (int) Math.min(size, bytes.writerIndex() - index);
                size -= skipped;
                index += skipped;
                at = size == 0 ? At.AFTER_DATA : At.DATA;
            } else if (!step(bytes.getByte(index++))) {
                return -1;
            }
        }
        return index - start;
    }

    private boolean step(byte c) {
        if (afterCr) {
            afterCr = false;
            return c == '\n' && endLine();
        }
        if (c == '\r') {
            afterCr = true;
            return true;
        }
        line++;
        if (c == '\n' || line > LONGEST_LINE) {
            return false;
        }
        return switch (at) {
            case SIZE -> inSize(c);
            case EXTENSION, TRAILER -> c >= ' ' || c == '\t' || c < 0;
            case AFTER_DATA, DATA, END -> false;
        };
    }

    private boolean inSize(byte c) {
        if (c == ';') {
            at = At.EXTENSION;
            return digits > 0;
        }
        int digit = Character.digit(c, 16);
        size = size * 16 + digit;
        return digit >= 0 && ++digits <= 8;
    }

    private boolean endLine() {
        boolean empty = line == 0;
        line = 0;
        switch (at) {
            case SIZE, EXTENSION -> {
                if (digits == 0) {
                    return false;
                }
                at = size == 0 ? At.TRAILER : At.DATA;
            }
            case AFTER_DATA -> {
                at = At.SIZE;
                digits = 0;
                size = 0;
            }
            case TRAILER -> at = empty ? At.END : At.TRAILER;
            case DATA, END -> {
                return false;
            }
        }
        return true;
    }
}
