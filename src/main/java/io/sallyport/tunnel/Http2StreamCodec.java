package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.SerializedHeaders;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.TunnelHeaders;
import io.sallyport.tunnel.wire.WireRefusal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Converts HTTP objects to the frames of one HTTP/2 stream and back. */
final class Http2StreamCodec extends StreamCodec {
    private static final Set<String> NOT_FOR_HTTP2 =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host", "expect");
    private static final int MOST_INTERIM = 16;
    private static final long PATIENCE_SECONDS = 5;

    private int interim;
    /** Whether an upgraded stream was closed at our end, and waits for the other one. */
    private boolean isLeaving;

    Http2StreamCodec(TunnelTraffic traffic) {
        super(traffic);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case HttpRequest request -> {
                isHeadWritten = true;
                Http2Headers head = head(request);
                isOutputEnded = request instanceof LastHttpContent && !asksForWebSocket;
                ctx.write(new DefaultHttp2HeadersFrame(head, isOutputEnded), promise)
                        .addListener(written -> {
                            if (!written.isSuccess()) {
                                fail(ctx, TunnelFailure.notSent("no stream could be opened"));
                            }
                        });
                ReferenceCountUtil.release(request);
            }
            case HttpContent content -> {
                isOutputEnded = content instanceof LastHttpContent;
                traffic.sent(content.content().readableBytes());
                ctx.write(new DefaultHttp2DataFrame(content.content(), isOutputEnded), promise);
            }
            case ByteBuf bytes -> {
                traffic.sent(bytes.readableBytes());
                ctx.write(new DefaultHttp2DataFrame(bytes, false), promise);
            }
            default -> ctx.write(message, promise);
        }
    }

    private Http2Headers head(HttpRequest request) {
        method = request.method();
        asksForWebSocket = request.headers().contains(HttpHeaderNames.UPGRADE);
        Http2Headers head = new DefaultHttp2Headers(false)
                .method(request.method().name())
                .scheme("http")
                .authority(request.headers().get(HttpHeaderNames.HOST, ""))
                .path(request.uri());
        for (Map.Entry<String, String> field : request.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!NOT_FOR_HTTP2.contains(name)) {
                head.add(name, field.getValue());
            }
        }
        if (asksForWebSocket) {
            head.set(TunnelHeaders.UPGRADE, String.valueOf(RequestKind.WEBSOCKET.upgrade()));
        }
        return head;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case Http2HeadersFrame headers -> headers(ctx, headers);
                case Http2DataFrame data -> data(ctx, data);
                default -> {}
            }
        } catch (TunnelFailure | WireRefusal refused) {
            fail(
                    ctx,
                    refused instanceof TunnelFailure ? refused : TunnelFailure.malformed("data that cannot be parsed"));
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void headers(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        if (isInputEnded) {
            return;
        }
        BodyMeter body = meter;
        if (body == null) {
            head(ctx, frame);
        } else if (frame.isEndStream() && !isRaw) {
            end(ctx, body, AnswerHead.trailers(fields(frame.headers())));
        } else {
            throw TunnelFailure.malformed("a second head");
        }
    }

    private void head(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        Http2Headers headers = frame.headers();
        int status = status(headers.status());
        if (status >= 100 && status < 200 && !frame.isEndStream()) {
            if (++interim > MOST_INTERIM) {
                throw TunnelFailure.malformed("too many interim answers");
            }
            ctx.fireUserEventTriggered(Acceptance.Interim.ANSWER);
            return;
        }
        CharSequence serialized = headers.get(TunnelHeaders.RESPONSE_HEADERS);
        List<Field> fields = serialized == null ? List.of() : SerializedHeaders.read(serialized.toString());
        switch (ResponseMeta.of(headers.get(TunnelHeaders.RESPONSE_META))) {
            case ORIGIN -> {}
            case CONNECTOR -> throw TunnelFailure.unanswered();
            case FLOW_LIMITED -> throw TunnelFailure.busy();
            case UNSTATED ->
                throw new TunnelFailure(
                        TunnelFailure.Kind.ORIGIN, "the connector itself answered with a status of " + status);
        }
        isRaw = asksForWebSocket && status == 200 && names(fields, "sec-websocket-accept");
        HttpResponse response = AnswerHead.of(isRaw ? 101 : status, fields, isRaw);
        BodyMeter body = answer(ctx, response);
        if (frame.isEndStream()) {
            end(ctx, body, null);
        }
    }

    private void data(ChannelHandlerContext ctx, Http2DataFrame data) {
        BodyMeter body = meter;
        if (isInputEnded) {
            return;
        }
        if (body == null) {
            throw TunnelFailure.malformed("a body without a head");
        }
        if (isLeaving) {
            ctx.read(); // nobody else does, and the stream's end is behind this
        } else {
            body(ctx, body, data.content());
        }
        if (data.isEndStream()) {
            end(ctx, body, null);
        }
    }

    private void end(ChannelHandlerContext ctx, BodyMeter body, @Nullable HttpHeaders trailers) {
        isInputEnded = true;
        if (isRaw) {
            ctx.channel().close();
            return;
        }
        body.end();
        ctx.fireChannelRead(
                trailers == null
                        ? LastHttpContent.EMPTY_LAST_CONTENT
                        : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            // The connector wants no more of the request (RFC 9113 §8.1). This overtakes what is still unread of its
            // answer, and if that is not whole, the end of the stream says so.
            case Http2ResetFrame reset when reset.errorCode() == Http2Error.NO_ERROR.code() -> {}
            case Http2ResetFrame reset -> fail(ctx, ended(reset.errorCode()));
            case Http2GoAwayFrame goAway -> {
                goAway.release();
                fail(ctx, TunnelFailure.notSent("the connector goes away"));
            }
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    private TunnelFailure ended(long errorCode) {
        if (errorCode == ForwardedCodec.MALFORMED) {
            return TunnelFailure.malformed("an answer that another replica refused");
        }
        return errorCode == Http2Error.REFUSED_STREAM.code() && meter == null
                ? TunnelFailure.notSent("the connector takes no more")
                : TunnelFailure.reset(errorCode);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(
                ctx,
                cause instanceof Http2Exception violation
                        ? TunnelFailure.malformed(
                                violation.error() == Http2Error.ENHANCE_YOUR_CALM
                                        ? "too many small pieces that nobody has read yet"
                                        : "a violation of HTTP/2")
                        : cause);
    }

    @Override
    void abandon(ChannelHandlerContext ctx) {
        ctx.close();
    }

    /**
     * GOAWAY names the last stream that was touched, and the codec closes those above it (RFC 9113 §6.8). On a link to another
     * replica each of them gets the GOAWAY as an event first. On a connector's connection none does: Netty takes an end whose
     * socket was accepted for the HTTP/2 server, whose streams would have even numbers, but here it is the client.
     */
    @Override
    boolean isUntouched(ChannelHandlerContext ctx) {
        if (!(ctx.channel() instanceof Http2StreamChannel stream)) {
            return false;
        }
        Http2FrameCodec codec = stream.parent().pipeline().get(Http2FrameCodec.class);
        return codec != null
                && codec.connection().goAwayReceived()
                && stream.stream().id() > codec.connection().local().lastStreamKnownByPeer();
    }

    /**
     * Ends an upgraded stream normally and waits a while for the other end to do the same: the channel's own end would be a reset, which
     * overtakes what is still unread there. Resets any other unfinished stream, which cancels the request at the origin.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isLeaving && !isInputEnded) {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
            return;
        }
        if (!isRaw || !isHeadWritten || isOutputEnded || !ctx.channel().isActive()) {
            ctx.close(promise);
            return;
        }
        isOutputEnded = true;
        isLeaving = true;
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true))
                .addListener(written -> {
                    if (isInputEnded || !written.isSuccess()) {
                        ctx.close();
                    }
                });
        ctx.read();
        ctx.executor().schedule(() -> ctx.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static int status(@Nullable CharSequence status) {
        int known = status == null ? -1 : AnswerHead.status(status);
        if (known < 0) {
            throw TunnelFailure.malformed("no status");
        }
        return known;
    }

    private static boolean names(List<Field> fields, String name) {
        return fields.stream().anyMatch(field -> field.name().equalsIgnoreCase(name));
    }

    private static List<Field> fields(Http2Headers headers) {
        return StreamSupport.stream(headers.spliterator(), false)
                .map(field ->
                        new Field(field.getKey().toString(), field.getValue().toString()))
                .toList();
    }
}
