package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.gateway.wire.FieldValues;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Waits for an origin's answer to a WebSocket handshake: a 101, or a complete ordinary answer. */
final class OriginHandshake extends ChannelInboundHandlerAdapter {
    private static final int LONGEST_REFUSAL = 256 * 1024;
    private static final int HIGHEST_STATUS = 599;

    /** @param body of an answer other than 101 */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and gone after one use
    record Answer(int status, HttpHeaders headers, byte[] body) {}

    private final Sinks.One<Answer> answer = Sinks.one();
    private final RelayDirection afterwards;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpResponse refusal;

    /** @param afterwards takes over the channel once the protocol is switched */
    OriginHandshake(RelayDirection afterwards) {
        this.afterwards = afterwards;
    }

    Mono<Answer> answer() {
        return answer.asMono();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpResponse response) {
                begin(ctx, response);
            } else if (message instanceof HttpContent content && refusal != null) {
                collect(ctx, refusal, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpResponse response) {
        if (!response.decoderResult().isSuccess()
                || response.status().code() > HIGHEST_STATUS
                || !FieldValues.areClean(response.headers())) {
            fail(ctx, new OriginFailure.Malformed("the origin's answer to a handshake is malformed"));
        } else if (response.status().code() == 101) {
            ctx.pipeline().addAfter(ctx.name(), "sallyport.relay", afterwards);
            ctx.pipeline().remove(this);
            if (ctx.pipeline().get(HttpClientCodec.class) != null) {
                ctx.pipeline().remove(HttpClientCodec.class); // this passes on the bytes that followed the answer
            }
            answer.tryEmitValue(new Answer(101, response.headers(), new byte[0]));
        } else if (response.status().code() >= 200) {
            refusal = response;
        }
    }

    private void collect(ChannelHandlerContext ctx, HttpResponse response, HttpContent content) {
        ByteBuf bytes = content.content();
        if (body.size() + bytes.readableBytes() > LONGEST_REFUSAL) {
            fail(ctx, new OriginFailure.Malformed("the origin's refusal of a handshake is too long"));
            return;
        }
        body.writeBytes(ByteBufUtil.getBytes(bytes));
        if (content instanceof LastHttpContent) {
            answer.tryEmitValue(new Answer(response.status().code(), response.headers(), body.toByteArray()));
            ctx.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        answer.tryEmitError(new OriginFailure.Malformed("the origin closed during the handshake"));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
        ctx.close();
    }

    /** Ends the wait for an answer, unless there is one. */
    void fail(Throwable cause) {
        answer.tryEmitError(cause);
    }
}
