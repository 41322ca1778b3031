package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * The state of one request through a tunnel that all protocols share: the progress of request and answer, and the
 * handling of failures. The visitor's side is told of one failure at most, and of none once the answer is complete.
 */
abstract class StreamCodec extends ChannelDuplexHandler {
    final TunnelTraffic traffic;
    HttpMethod method = HttpMethod.GET;
    boolean asksForWebSocket;
    /** Set after an accepted upgrade, when the stream carries bytes instead of messages. */
    boolean isRaw;

    boolean isHeadWritten;
    boolean isOutputEnded;
    boolean isInputEnded;
    /** Counts the answer's body; null until there is an answer. */
    @Nullable
    BodyMeter meter;

    /** @param traffic counts bodies and failures */
    StreamCodec(TunnelTraffic traffic) {
        this.traffic = traffic;
    }

    /** Aborts the stream, which also cancels the request at the origin. */
    abstract void abandon(ChannelHandlerContext ctx);

    /** Whether the other end has said that it has not touched this request, whose stream is closed now. */
    boolean isUntouched(ChannelHandlerContext ctx) {
        return false;
    }

    final BodyMeter answer(ChannelHandlerContext ctx, HttpResponse response) {
        BodyMeter body = new BodyMeter(response, method);
        meter = body;
        ctx.fireChannelRead(response);
        return body;
    }

    final void body(ChannelHandlerContext ctx, BodyMeter body, ByteBuf bytes) {
        traffic.received(bytes.readableBytes());
        if (isRaw) {
            ctx.fireChannelRead(bytes.retain());
        } else if (bytes.isReadable()) {
            body.add(bytes.readableBytes());
            ctx.fireChannelRead(new DefaultHttpContent(bytes.retain()));
        }
    }

    final void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (!isInputEnded) {
            isInputEnded = true;
            if (cause instanceof TunnelFailure failure) {
                traffic.failed(failure);
            }
            ctx.fireExceptionCaught(cause);
        }
        abandon(ctx);
    }

    /**
     * Reads on while there is no response head yet: a message that is not passed on must not stall the stream, because
     * the reader asks for nothing before the head.
     */
    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        if (meter == null && !isInputEnded) {
            ctx.read();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        if (!isInputEnded) {
            isInputEnded = true;
            if (!isHeadWritten) {
                ctx.fireExceptionCaught(TunnelFailure.notSent("the connection was lost before the request"));
            } else if (meter == null && isUntouched(ctx)) {
                ctx.fireExceptionCaught(TunnelFailure.notSent("the connector goes away"));
            } else if (!isRaw) {
                ctx.fireExceptionCaught(TunnelFailure.lost("the connection was lost"));
            }
        }
        ctx.fireChannelInactive();
    }
}
