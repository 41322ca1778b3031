package io.sallyport.gateway.wire;

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
 * Reads HTTP/1 bytes before the codec does, because the codec repairs what must be refused: folded lines, odd white
 * space in request lines, lower-case protocol names (RP-07, RP-08). Also ends a connection whose header block takes too
 * long from its first byte, or whose body comes too slowly (DO-01). Once a connection turns out to speak HTTP/2 it
 * follows the frames instead.
 *
 * <p>It hands the codec one head or one body at a time. So {@link RequestGuard}, behind the codec, has told it what
 * follows a head (no body, a length, chunks) before the next byte is looked at.
 */
final class WireGuard extends ChannelDuplexHandler {

    private enum Reading {
        HEAD,
        BODY,
        CHUNKS,
        FRAMES,
        /** Another protocol, or a connection about to close: bytes pass without being inspected. */
        NOTHING
    }

    /** Bytes of the HTTP/2 preface after its first line, and of the whole preface (RFC 9113 §3.4). */
    private static final int PREFACE_REST = 8;

    private static final int PREFACE = 24;

    private final HeadScanner head = new HeadScanner();
    private final StreamsEndedByClient streams = new StreamsEndedByClient();
    private @Nullable FrameScanner frames;
    private ChunkScanner chunks = new ChunkScanner();
    private Reading reading = Reading.HEAD;
    private long bodyLeft;
    private boolean inHead;
    private final EdgeLimits limits;
    private final SlowBodies bodies;
    private @Nullable Future<?> timer;
    private @Nullable RequestGuard guard;

    WireGuard(EdgeLimits limits) {
        this.limits = limits;
        this.bodies = new SlowBodies(limits, this::tooSlow);
    }

    void report(RequestGuard to) {
        guard = to;
    }

    /**
     * The codec read a head whose body has this many bytes.
     *
     * @param awaitsContinue whether the client waits for a 100 before it sends them
     */
    void bodyFollows(long length, boolean awaitsContinue) {
        cancel();
        bodyLeft = length;
        reading = length == 0 ? Reading.HEAD : Reading.BODY;
        bodies.begins(awaitsContinue);
    }

    /**
     * The codec read a head whose body comes in chunks.
     *
     * @param awaitsContinue whether the client waits for a 100 before it sends them
     */
    void chunksFollow(boolean awaitsContinue) {
        cancel();
        chunks = new ChunkScanner();
        reading = Reading.CHUNKS;
        bodies.begins(awaitsContinue);
    }

    /** The client was told to continue: it may send the body that it held back. */
    void continues() {
        bodies.continues();
    }

    /** The TLS handshake chose HTTP/2; the connection preface is still to come. */
    void framesFollow() {
        frames(PREFACE);
    }

    /** The HTTP/2 codec has been installed; its connection knows the state of each stream. */
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

    /** Stops inspecting, for good. */
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
                inHead = true;
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
        if (reading == Reading.HEAD && inHead) {
            startTimer(ctx); // most heads come in one piece and need none
        }
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
        inHead = false;
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }
}
