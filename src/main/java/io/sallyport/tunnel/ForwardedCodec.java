package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.Http2Trailers;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.SerializedHeaders;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives a request from another replica: converts frames to HTTP objects and back, the counterpart of {@link
 * Http2StreamCodec}. It also takes a {@link TunnelFailure} as an answer. The request's head arrives as {@link Head}.
 */
final class ForwardedCodec extends ChannelDuplexHandler {
    /** Field that names the tunnel of a request; only replicas send and see it. */
    static final String TUNNEL = "cf-int-sallyport-tunnel";
    /** Field that names one of the tunnel's connectors; absent when any will do. */
    static final String CONNECTOR = "cf-int-sallyport-connector";
    /** Error code used between replicas only: the connector's answer was malformed. */
    static final long MALFORMED = 0x5a11_0001L;

    private static final long PATIENCE_SECONDS = 5;

    /** A request and the tunnel it is for. */
    record Head(TunnelAddress to, HttpRequest request) {}

    /** Is written when there is a connection for the request: the other replica may now send its body. */
    enum Taken {
        TAKEN
    }

    private boolean hasHead;
    private boolean asksForWebSocket;
    private boolean isRaw;
    private boolean isAnswered;
    private boolean isOutputEnded;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case Http2HeadersFrame frame when !hasHead -> head(ctx, frame);
                // Trailers of a request are dropped, because no connector accepts them.
                case Http2HeadersFrame frame when frame.isEndStream() -> end(ctx);
                case Http2DataFrame frame -> data(ctx, frame);
                default -> {}
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void head(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        hasHead = true;
        Http2Headers fields = frame.headers();
        CharSequence method = fields.method();
        CharSequence path = fields.path();
        TunnelAddress to = address(fields.get(TUNNEL), fields.get(CONNECTOR));
        if (method == null || path == null || to == null) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
            return;
        }
        HttpHeaders headers = headers(fields, frame.isEndStream());
        HttpMethod asked = HttpMethod.valueOf(method.toString());
        HttpRequest request = frame.isEndStream()
                ? new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1,
                        asked,
                        path.toString(),
                        Unpooled.EMPTY_BUFFER,
                        headers,
                        EmptyHttpHeaders.INSTANCE)
                : new DefaultHttpRequest(HttpVersion.HTTP_1_1, asked, path.toString(), headers);
        ctx.fireChannelRead(new Head(to, request));
    }

    private static @Nullable TunnelAddress address(@Nullable CharSequence tunnel, @Nullable CharSequence connector) {
        try {
            return tunnel == null
                    ? null
                    : new TunnelAddress(
                            TunnelId.of(tunnel.toString()),
                            connector == null ? null : UUID.fromString(connector.toString()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private HttpHeaders headers(Http2Headers fields, boolean isWhole) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            String name = field.getKey().toString();
            if (!name.startsWith(":")
                    && !name.equals(TUNNEL)
                    && !name.equals(CONNECTOR)
                    && !name.equals(TunnelHeaders.UPGRADE)) {
                headers.add(name, field.getValue().toString());
            }
        }
        CharSequence authority = fields.authority();
        headers.set(HttpHeaderNames.HOST, authority == null ? "" : authority.toString());
        CharSequence upgrade = fields.get(TunnelHeaders.UPGRADE);
        asksForWebSocket = upgrade != null && RequestKind.of(upgrade.toString(), null) == RequestKind.WEBSOCKET;
        if (asksForWebSocket) {
            headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        } else if (!isWhole && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return headers;
    }

    private void data(ChannelHandlerContext ctx, Http2DataFrame frame) {
        if (frame.content().isReadable()) {
            ByteBuf bytes = frame.content().retain();
            ctx.fireChannelRead(asksForWebSocket ? bytes : new DefaultHttpContent(bytes));
        }
        if (frame.isEndStream()) {
            end(ctx);
        }
    }

    private void end(ChannelHandlerContext ctx) {
        if (asksForWebSocket) {
            ctx.channel().close();
        } else {
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            isOutputEnded = true;
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case HttpResponse response -> {
                isAnswered = true;
                isRaw = response.status().code() == 101;
                ctx.write(new DefaultHttp2HeadersFrame(head(response)), promise);
            }
            case LastHttpContent last
            when !last.trailingHeaders().isEmpty() -> {
                isOutputEnded = true;
                Http2Trailers.write(ctx, last, promise);
            }
            case HttpContent content -> {
                isOutputEnded = content instanceof LastHttpContent;
                ctx.write(new DefaultHttp2DataFrame(content.content(), isOutputEnded), promise);
            }
            case ByteBuf bytes -> ctx.write(new DefaultHttp2DataFrame(bytes), promise);
            case Taken _ -> ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("100")), promise);
            case TunnelFailure failure -> fail(ctx, failure, promise);
            default -> ctx.write(message, promise);
        }
    }

    private static Http2Headers head(HttpResponse response) {
        int status = response.status().code();
        return new DefaultHttp2Headers()
                .status(String.valueOf(status == 101 ? 200 : status))
                .set(TunnelHeaders.RESPONSE_META, ResponseMeta.ORIGIN.json())
                .set(
                        TunnelHeaders.RESPONSE_HEADERS,
                        SerializedHeaders.write(response.headers().entries().stream()
                                .map(field -> new Field(field.getKey(), field.getValue()))
                                .toList()));
    }

    private void fail(ChannelHandlerContext ctx, TunnelFailure failure, ChannelPromise promise) {
        if (isOutputEnded) {
            promise.setSuccess();
            return;
        }
        isOutputEnded = true;
        ctx.write(
                switch (failure.kind()) {
                    case ORIGIN -> isAnswered ? broken() : connectorSays(ResponseMeta.CONNECTOR);
                    case BUSY -> isAnswered ? broken() : connectorSays(ResponseMeta.FLOW_LIMITED);
                    case NO_CONNECTOR, NOT_SENT ->
                        isAnswered ? broken() : new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM);
                    case MALFORMED -> new DefaultHttp2ResetFrame(MALFORMED);
                    // Before the answer a code could say that nobody has touched the request.
                    case LOST -> isAnswered ? new DefaultHttp2ResetFrame(failure.resetCode()) : broken();
                },
                promise);
    }

    private static Http2Frame broken() {
        return new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR);
    }

    private static Http2Frame connectorSays(ResponseMeta meta) {
        return new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers().status("502").set(TunnelHeaders.RESPONSE_META, meta.json()), true);
    }

    /**
     * Ends an upgraded stream normally and waits a moment for the other end to do the same, because a reset would
     * overtake data that is still unread there. Resets any other unfinished stream.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!isRaw || isOutputEnded || !ctx.channel().isActive()) {
            ctx.close(promise);
            return;
        }
        isOutputEnded = true;
        ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        ctx.executor().schedule(() -> ctx.close(promise), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    static TunnelFailure failure(Throwable cause) {
        return cause instanceof TunnelFailure failure ? failure : TunnelFailure.lost("the stream failed");
    }
}
