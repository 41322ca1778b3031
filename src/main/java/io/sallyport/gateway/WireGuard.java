package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1 bytes before the codec does, because the codec repairs what must be refused: folded lines, odd white space in
 * request lines, lower-case protocol names (RP-07, RP-08). Also ends a connection whose header block takes too long from
 * its first byte, or whose body comes too slowly (DO-01). Once a connection turns out to speak HTTP/2 it follows the frames instead.
 *
 * <p>It hands the codec one head, one body, one head at a time, and so the {@link RequestGuard} behind the codec has said what
 * follows a head before the next byte is looked at.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write ends its channel, and the channel's end is what is looked at
final class WireGuard extends ChannelDuplexHandler {

    private enum Reading {
        HEAD,
        BODY,
        CHUNKS,
        FRAMES,
        /** Another protocol, or a connection that is about to close: bytes pass unread. */
        NOTHING
    }

    /** What of the HTTP/2 preface comes behind its first line, and all of it. */
    private static final int PREFACE_REST = 8;

    private static final int PREFACE = 24;

    private final HeadScanner head = new HeadScanner();
    private final EndedStreams streams = new EndedStreams();
    private @Nullable FrameScanner frames;
    private ChunkScanner chunks = new ChunkScanner();
    private Reading reading = Reading.HEAD;
    private long bodyLeft;
    private final EdgeSettings.Limits limits;
    private final SlowBodies bodies;
    private @Nullable Future<?> timer;
    private @Nullable RequestGuard guard;

    WireGuard(EdgeSettings.Limits limits) {
        this.limits = limits;
        this.bodies = new SlowBodies(limits, this::tooSlow);
    }

    void report(RequestGuard to) {
        guard = to;
    }

    /**
     * The codec read a head whose body has this many bytes.
     *
     * @param onLeave whether the client waits for a 100 before it sends them
     */
    void bodyFollows(long length, boolean onLeave) {
        cancel();
        bodyLeft = length;
        reading = length == 0 ? Reading.HEAD : Reading.BODY;
        bodies.begins(onLeave);
    }

    /**
     * The codec read a head whose body comes in chunks.
     *
     * @param onLeave whether the client waits for a 100 before it sends them
     */
    void chunksFollow(boolean onLeave) {
        cancel();
        chunks = new ChunkScanner();
        reading = Reading.CHUNKS;
        bodies.begins(onLeave);
    }

    /** The client may send the body that it held back. */
    void leave() {
        bodies.leave();
    }

    /** The connection speaks HTTP/2 by TLS's choice, and its preface is still to come. */
    void framesFollow() {
        frames(PREFACE);
    }

    /** The codec is there: it knows what became of each stream. */
    void codec(Http2Connection connection) {
        streams.watch(connection);
    }

    private void frames(int preface) {
        cancel();
        if (frames == null) {
            frames = new FrameScanner(preface, streams);
            reading = Reading.FRAMES;
        }
    }

    /** Stands aside for good. */
    void off() {
        reading = Reading.NOTHING;
        cancel();
        bodies.end();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (reading == Reading.NOTHING || !(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            while (bytes.isReadable()) {
                int length = next(ctx, bytes);
                if (length < 0) {
                    malformed(ctx);
                    return;
                }
                ctx.fireChannelRead(bytes.readRetainedSlice(length));
            }
        } finally {
            bytes.release();
        }
    }

    /** How many bytes may go to the codec in one piece, negative when the next ones may not. */
    private int next(ChannelHandlerContext ctx, ByteBuf bytes) {
        return switch (reading) {
            case HEAD -> {
                startTimer(ctx);
                int length = head.scan(bytes);
                if (head.isHttp2()) {
                    frames(PREFACE_REST);
                }
                yield length;
            }
            case BODY -> {
                int length = (int) Math.min(bodyLeft, bytes.readableBytes());
                bodyLeft -= length;
                paced(length, bodyLeft == 0);
                yield length;
            }
            case CHUNKS -> {
                int length = chunks.scan(bytes);
                paced(length, chunks.isAtEnd());
                yield length;
            }
            case FRAMES -> {
                FrameScanner following = Objects.requireNonNull(frames);
                int length = following.scan(bytes);
                if (following.isInHeaderBlock()) {
                    startTimer(ctx);
                } else {
                    cancel();
                }
                yield length;
            }
            case NOTHING -> bytes.readableBytes();
        };
    }

    private void startTimer(ChannelHandlerContext ctx) {
        if (timer == null) {
            timer = ctx.executor().schedule(() -> close(ctx), limits.head().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void paced(int length, boolean over) {
        bodies.received(length);
        if (over) {
            reading = Reading.HEAD;
            bodies.end();
        }
    }

    private void tooSlow() {
        RequestGuard answering = guard;
        if (answering != null) {
            answering.tooSlow();
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        bodies.reads();
        ctx.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (reading == Reading.BODY || reading == Reading.CHUNKS) {
            bodies.pauses(ctx);
        }
        ctx.fireChannelReadComplete();
    }

    private static void close(ChannelHandlerContext ctx) {
        ctx.close();
    }

    private void malformed(ChannelHandlerContext ctx) {
        FrameScanner following = frames;
        off();
        ChannelHandlerContext codec = ctx.pipeline().context(Http2FrameCodec.class);
        if (following != null && codec != null) {
            Http2Exception failure = Http2Exception.connectionError(following.error(), "refused by the frame guard");
            ((Http2FrameCodec) codec.handler()).onError(codec, false, failure);
            return;
        }
        RequestGuard answering = guard;
        if (answering == null) {
            close(ctx);
        } else {
            answering.malformed();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancel();
        bodies.end();
        ctx.fireChannelInactive();
    }

    private void cancel() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    /** Request line and fields, byte by byte (RFC 9112 §2 to §5). */
    static final class HeadScanner {
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

        /** The bytes up to the end of the head or of the buffer; negative when one of them may not stand there. */
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
                }
            }
            return bytes.writerIndex() - start;
        }

        boolean isHttp2() {
            return http2;
        }

        /** Whether the head ended; a line that may not end here leaves a negative column. */
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

    /** Finds where a chunked body ends (RFC 9112 §7.1); what the chunks hold is the codec's business. */
    static final class ChunkScanner {
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

        /** The bytes up to the end of the body or of the buffer; negative when one of them may not stand there. */
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
}
