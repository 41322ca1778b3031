package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.gateway.wire.FieldValues;
import io.sallyport.http.FieldSyntax;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks answers of origins as strictly as requests of clients (RP-14), where the HTTP codec is lenient: one framing
 * only, a valid status, no trailers that could be taken for headers. An invalid answer closes the connection, and the
 * visitor gets a 502.
 */
final class OriginGuard extends ChannelInboundHandlerAdapter {
    private boolean isAnswering;
    private OriginFailure.@Nullable Reset reset;

    private OriginGuard() {}

    /** Adds the guard right behind the codec, if the codec is there already. */
    static void install(Channel channel) {
        ChannelHandlerContext codec = channel.pipeline().context(HttpClientCodec.class);
        if (codec == null) {
            codec = channel.pipeline().context(Http2StreamFrameToHttpObjectCodec.class);
        }
        if (codec != null && channel.pipeline().get(OriginGuard.class) == null) {
            channel.pipeline().addAfter(codec.name(), "sallyport.origin-guard", new OriginGuard());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response && !isSound(response)) {
            ReferenceCountUtil.release(message);
            ctx.fireExceptionCaught(new OriginFailure.Malformed("the origin's answer is malformed"));
            ctx.close();
            return;
        }
        isAnswering |= message instanceof HttpResponse;
        if (message instanceof LastHttpContent last) {
            isAnswering = false;
            Trailers.reduce(last.trailingHeaders());
        }
        ctx.fireChannelRead(message);
    }

    /** Keeps the code of a reset, which Reactor Netty would drop, until what came before has been read. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame frame) {
            reset = new OriginFailure.Reset(frame.errorCode());
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (isAnswering && reset != null) {
            ctx.fireExceptionCaught(reset);
        }
        ctx.fireChannelInactive();
    }

    private static boolean isSound(HttpResponse response) {
        HttpHeaders headers = response.headers();
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        int status = response.status().code();
        return response.decoderResult().isSuccess()
                && (response.protocolVersion().equals(HttpVersion.HTTP_1_1)
                        || response.protocolVersion().equals(HttpVersion.HTTP_1_0))
                && status >= 100
                && status <= 599
                && (encodings.isEmpty()
                        || (encodings.size() == 1
                                && encodings.getFirst().equalsIgnoreCase("chunked")
                                && lengths.isEmpty()))
                && lengths.size() <= 1
                && lengths.stream().allMatch(FieldSyntax::isLength)
                && FieldValues.areClean(headers);
    }
}
