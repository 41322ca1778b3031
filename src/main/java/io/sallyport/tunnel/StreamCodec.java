package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request through a tunnel, by whichever protocol: how far request and answer are, and what becomes of a stream that fails. The
 * visitor's side hears of one failure, and of none once the answer is whole.
 */
abstract class StreamCodec extends ChannelDuplexHandler {
    final TunnelTraffic traffic;
    HttpMethod method = HttpMethod.GET;
    boolean asksForWebSocket;
    /** After an accepted upgrade, when there are bytes and no messages. */
    boolean isRaw;

    boolean isHeadWritten;
    boolean isOutputEnded;
    boolean isInputEnded;
    /** Null until there is an answer. */
    @Nullable
    BodyMeter meter;

    /** @param traffic counts bodies and failures */
    StreamCodec(TunnelTraffic traffic) {
        this.traffic = traffic;
    }

    /** Gives the stream up, so that the request ends at the origin, too. */
    abstract void abandon(ChannelHandlerContext ctx);

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

    /** What is not passed on must not keep the reader waiting for more: until there is a head it has nothing to ask for. */
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
                ctx.fireExceptionCaught(
                        new TunnelFailure(TunnelFailure.Kind.NOT_SENT, "the connection was lost before the request"));
            } else if (!isRaw) {
                ctx.fireExceptionCaught(new TunnelFailure(TunnelFailure.Kind.LOST, "the connection was lost"));
            }
        }
        ctx.fireChannelInactive();
    }
}
