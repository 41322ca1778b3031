package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket protocol, terminated by the connector for services that are not web servers. Bytes are
 * carried in binary messages of any size, text is discarded, and pings keep middleboxes from dropping the connection.
 */
final class WebSocketBytes extends ChannelDuplexHandler {
    private static final int LARGEST_FRAME = 1 << 20;
    private static final long PING_SECONDS = 54;

    private final Pongs pongs = new Pongs();
    private @Nullable Future<?> pings;
    private boolean isText;
    private boolean isCloseSent;
    private @Nullable CloseWebSocketFrame closeWith;

    /** Adds the protocol to a stream of bytes. */
    static void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(LARGEST_FRAME)
                        .expectMaskedFrames(true)
                        .allowExtensions(false)
                        .withUTF8Validator(false)
                        .build()),
                new WebSocket13FrameEncoder(false),
                new WebSocketBytes());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        pings = ctx.executor()
                .scheduleAtFixedRate(
                        () -> ctx.writeAndFlush(new PingWebSocketFrame()),
                        PING_SECONDS,
                        PING_SECONDS,
                        TimeUnit.SECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (pings != null) {
            pings.cancel(false);
        }
        pongs.drop();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case PingWebSocketFrame ping -> pongs.answer(ctx, ping.content());
            case CloseWebSocketFrame close -> {
                // Echoes the status code if there is one (RFC 6455 §5.5.1).
                closeWith = close.statusCode() < 0
                        ? new CloseWebSocketFrame()
                        : new CloseWebSocketFrame(close.statusCode(), "");
                close.release();
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
            case BinaryWebSocketFrame binary -> {
                isText = false;
                ctx.fireChannelRead(binary.content());
            }
            case ContinuationWebSocketFrame more when !isText -> ctx.fireChannelRead(more.content());
            case WebSocketFrame other -> {
                isText = !(other instanceof PongWebSocketFrame) || isText;
                other.release();
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes && bytes.isReadable()) {
            ctx.write(new BinaryWebSocketFrame(bytes), promise);
        } else {
            ctx.write(message, promise);
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isCloseSent || !ctx.channel().isActive()) {
            ctx.close(promise);
        } else {
            isCloseSent = true;
            CloseWebSocketFrame frame = closeWith;
            ctx.writeAndFlush(
                            frame == null
                                    ? new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE.code(), "")
                                    : frame)
                    .addListener(sent -> ctx.close(promise));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        handlerRemoved(ctx);
        ctx.fireChannelInactive();
    }
}
