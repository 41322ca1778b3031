package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a WebSocket: bytes go from this handler's channel to the target as they came, no faster than the
 * target takes them. Runs on the source channel's event loop, {@link #end} included, so that a close frame of our own
 * is never written inside another frame.
 */
final class RelayDirection extends ChannelInboundHandlerAdapter {
    /** Close code: protocol error (RFC 6455 §7.4.1). */
    static final int PROTOCOL_ERROR = 1002;

    private static final long PATIENCE_SECONDS = 5;

    private final Channel source;
    private final FrameTracker frames;
    private final FrameTracker.Sender sender;
    private final IntConsumer onViolation;
    private final IntConsumer onBytes;
    private final IntSupplier closeCode;
    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private @Nullable Channel target;
    private boolean ended;
    private boolean isFinished;
    private boolean isDiscarding;
    private int endAtStart;

    /**
     * @param onViolation gets the close code when the source breaks the protocol
     * @param onBytes gets the length of each piece that is passed on
     * @param closeCode asked when the source ends without a close frame; 0 for none of our own
     */
    RelayDirection(
            Channel source,
            FrameTracker.Sender sender,
            IntConsumer onViolation,
            IntConsumer onBytes,
            IntSupplier closeCode) {
        this.source = source;
        this.frames = new FrameTracker(sender);
        this.sender = sender;
        this.onViolation = onViolation;
        this.onBytes = onBytes;
        this.closeCode = closeCode;
    }

    /**
     * Starts relaying, on the source's event loop. What arrived before is passed on first, the source's end included.
     */
    void to(Channel channel) {
        source.eventLoop().execute(() -> {
            target = channel;
            for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
                pass(bytes, channel);
            }
            channel.flush();
            if (endAtStart != 0) {
                end(channel, endAtStart);
            } else if (source.isActive()) {
                source.read();
            } else {
                gone(channel);
            }
        });
    }

    /** Ends this direction: sends a close frame if that is possible, then closes the connection. */
    void end(int code) {
        source.eventLoop().execute(() -> {
            Channel channel = target;
            if (channel == null) {
                endAtStart = code;
            } else {
                end(channel, code);
            }
        });
    }

    private void end(Channel channel, int code) {
        if (ended) {
            return;
        }
        ended = true;
        if (frames.isBetweenFrames()) {
            channel.writeAndFlush(closeFrame(channel, code)).addListener(ChannelFutureListener.CLOSE);
        } else {
            channel.close();
        }
    }

    /** Closes the target when it has taken what was passed on, or takes nothing any more. The direction must have been started. */
    void finish() {
        source.eventLoop().execute(() -> {
            Channel channel = target;
            if (channel != null) {
                gone(channel);
            }
        });
    }

    /** Drops what the source still sends, because the target is gone, so that the source does not wait for it. */
    void discard() {
        source.eventLoop().execute(() -> {
            isDiscarding = true;
            source.read();
        });
    }

    /** Releases what arrived, when this direction will never start. */
    void drop() {
        source.eventLoop().execute(() -> {
            early.forEach(ByteBuf::release);
            early.clear();
        });
    }

    /** Lets the source send more, when the target has room again. */
    void resume() {
        source.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message); // the codec's end-of-message marker
            return;
        }
        Channel channel = target;
        if (channel == null) {
            early.add(bytes);
        } else {
            pass(bytes, channel);
        }
    }

    private void pass(ByteBuf bytes, Channel channel) {
        if (ended || isDiscarding) {
            bytes.release();
            return;
        }
        if (!frames.follow(bytes)) {
            bytes.release();
            onViolation.accept(PROTOCOL_ERROR);
            return;
        }
        onBytes.accept(bytes.readableBytes());
        channel.write(bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Channel channel = target;
        if (channel == null) {
            return;
        }
        channel.flush();
        if (channel.isWritable() || isDiscarding) {
            ctx.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Channel channel = target;
        if (channel != null) {
            gone(channel);
        }
        ctx.fireChannelInactive();
    }

    /** Flushes before closing: the last message is often a close frame. */
    private void gone(Channel channel) {
        if (isFinished) {
            return;
        }
        isFinished = true;
        int code = frames.isBetweenFrames() ? closeCode.getAsInt() : 0;
        if (code != 0) {
            end(channel, code);
        } else {
            ChannelFuture sent =
                    channel.writeAndFlush(channel.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            if (sender == FrameTracker.Sender.CLIENT) {
                channel.eventLoop().execute(() -> watch(channel, sent, Long.MAX_VALUE));
            }
        }
    }

    /** Closes an origin anyway when it takes nothing more: nobody is left who could hang up. Visitors have a limit of their own. */
    private static void watch(Channel channel, ChannelFuture sent, long before) {
        long unsent = channel.bytesBeforeWritable();
        if (sent.isDone()) {
            return;
        }
        if (unsent < before) {
            channel.eventLoop().schedule(() -> watch(channel, sent, unsent), PATIENCE_SECONDS, TimeUnit.SECONDS);
        } else {
            channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private ByteBuf closeFrame(Channel channel, int code) {
        ByteBuf frame = channel.alloc().buffer(8).writeByte(0x88);
        if (!sender.masks()) {
            return frame.writeByte(2).writeShort(code);
        }
        int mask = ThreadLocalRandom.current().nextInt();
        return frame.writeByte(0x82).writeInt(mask).writeShort(code ^ (mask >>> 16));
    }
}
