package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.Http2Trailers;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.SerializedHeaders;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One proxied request on an HTTP/2 stream that the edge opened. Converts frames to heads and bodies. */
final class Http2StreamCodec extends ChannelDuplexHandler {
    /** Fields that HTTP/2 forbids. An edge that sends them anyway must not control the framing of the origin's connection. */
    private static final Set<String> NEVER_FORWARDED = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
            TunnelHeaders.UPGRADE,
            TunnelHeaders.TCP_SOURCE);

    private @Nullable EdgeResponse head;
    private boolean isHeadSent;
    private boolean isRequestSeen;
    private boolean isRequestEnded;

    /** The kind of a request, by its marker headers. */
    static RequestKind kind(Http2Headers headers) {
        return RequestKind.of(text(headers.get(TunnelHeaders.UPGRADE)), text(headers.get(TunnelHeaders.TCP_SOURCE)));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        switch (message) {
            case Http2HeadersFrame frame
            when !isRequestSeen -> {
                isRequestSeen = true;
                request(ctx, frame);
            }
            case Http2HeadersFrame trailers -> {
                isRequestEnded = true;
                ctx.fireChannelRead(trailers(trailers.headers()));
            }
            case Http2DataFrame data -> {
                isRequestEnded = data.isEndStream();
                ctx.fireChannelRead(
                        isRequestEnded
                                ? new DefaultLastHttpContent(data.content())
                                : new DefaultHttpContent(data.content()));
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void request(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        isRequestEnded = frame.isEndStream();
        Http2Headers headers = frame.headers();
        RequestKind kind = kind(headers);
        HttpMethod method = HttpMethod.valueOf(text(headers.method(), "GET"));
        DefaultHttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, text(headers.path(), "/"));
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            String name = field.getKey().toString();
            if (!name.startsWith(":") && !NEVER_FORWARDED.contains(name)) {
                add(head.headers(), name, field.getValue());
            }
        }
        head.headers().set(HttpHeaderNames.HOST, text(headers.authority(), ""));
        ctx.fireChannelRead(new EdgeRequest(kind, head, !frame.isEndStream()));
        if (frame.isEndStream()) {
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Joins cookies: HTTP/2 may split them over several fields, HTTP/1.1 has one (RFC 9113 §8.2.3). */
    private static void add(HttpHeaders headers, String name, CharSequence value) {
        String before = name.equals("cookie") ? headers.get(name) : null;
        if (before == null) {
            headers.add(name, value);
        } else {
            headers.set(name, before + "; " + value);
        }
    }

    private static LastHttpContent trailers(Http2Headers headers) {
        DefaultLastHttpContent last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            if (field.getKey().charAt(0) != ':') {
                last.trailingHeaders().add(field.getKey(), field.getValue());
            }
        }
        return last;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        switch (message) {
            case EdgeResponse response -> {
                // Kept until the next write or flush: a response without a body ends on its head, in one frame.
                head = response;
                promise.setSuccess();
            }
            case LastHttpContent last -> {
                last(ctx, last, promise);
                promise.addListener(sent -> discardRest(ctx));
            }
            case HttpContent content -> {
                sendHead(ctx, false);
                ctx.write(new DefaultHttp2DataFrame(content.content(), false), promise);
            }
            case StreamAbort abort -> {
                head = null;
                // Before the head a code could say that the connector has not touched the request.
                long code = isHeadSent ? abort.code() : Http2Error.INTERNAL_ERROR.code();
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(code), promise);
            }
            default -> ctx.write(message, promise);
        }
    }

    private void last(ChannelHandlerContext ctx, LastHttpContent last, ChannelPromise promise) {
        boolean hasTrailers = !last.trailingHeaders().isEmpty();
        ByteBuf content = last.content();
        if (head != null && !content.isReadable() && !hasTrailers) {
            last.release();
            sendHead(ctx, true);
            promise.setSuccess();
            return;
        }
        sendHead(ctx, false);
        if (hasTrailers) {
            Http2Trailers.write(ctx, last, promise);
        } else {
            ctx.write(new DefaultHttp2DataFrame(content, true), promise);
        }
    }

    /**
     * Tells the edge to stop sending a body that nobody reads any more (RFC 9113 §8.1). The stream's channel is closed too, because
     * with something unread in it Netty waits for it to be read, although the stream has ended.
     */
    private void discardRest(ChannelHandlerContext ctx) {
        if (!isRequestEnded && ctx.channel().isActive()) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
            ctx.close();
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) throws Exception {
        sendHead(ctx, false);
        ctx.flush();
    }

    private void sendHead(ChannelHandlerContext ctx, boolean end) {
        EdgeResponse response = head;
        if (response == null || isHeadSent) {
            return;
        }
        head = null;
        isHeadSent = true;
        List<SerializedHeaders.Field> fields = new ArrayList<>();
        response.headers().forEach(field -> fields.add(new SerializedHeaders.Field(field.getKey(), field.getValue())));
        // 101 does not exist in HTTP/2; the edge knows an accepted upgrade by the fields in the serialised set.
        Http2Headers headers = new DefaultHttp2Headers(false)
                .status(Integer.toString(response.status() == 101 ? 200 : response.status()))
                .set(TunnelHeaders.RESPONSE_HEADERS, SerializedHeaders.write(fields))
                .set(TunnelHeaders.RESPONSE_META, response.meta().json());
        String length = response.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        ctx.write(new DefaultHttp2HeadersFrame(headers, end));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof Http2ResetFrame) {
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private static String text(@Nullable CharSequence value, String otherwise) {
        return value == null ? otherwise : value.toString();
    }

    private static @Nullable String text(@Nullable CharSequence value) {
        return value == null ? null : value.toString();
    }
}
