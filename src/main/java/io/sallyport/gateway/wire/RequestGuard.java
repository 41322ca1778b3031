package io.sallyport.gateway.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.AccessHeaders;
import io.sallyport.http.Rays;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses HTTP/1 requests that two parsers could read differently (RFC 9112; threats RP). Requests that the codec
 * refuses are answered here too: with the status and {@code Connection: close}, and nothing more is read from that
 * connection. Requests before a refused one are still answered, in order.
 */
final class RequestGuard extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RequestGuard.class);

    private final WireGuard wire;
    private final Duration patience;
    private final Visitors visitors;
    /** For a refusal, of which a connection has one at most. */
    private final String ray = Rays.next();

    private @Nullable ChannelHandlerContext context;
    private boolean settled;
    private boolean inBody;
    private int unanswered;
    private boolean answerBegun;
    private @Nullable HttpResponseStatus refusal;
    /** Whether the refused request was a HEAD. */
    private boolean withoutBody;
    /** Whether the connection closes with the answer that is being written. */
    private boolean isLast;
    /** Whether the client has sent a request of HTTP/1.0, which knows no chunks (RFC 9112 §6.1). */
    private boolean isOld;
    /** Whether only the end of the connection tells where the answer ends. */
    private boolean isEndedByClose;

    private @Nullable LingeringClose lingering;
    private @Nullable RestOfBody rest;

    /**
     * @param patience how long a client that has its answer may go on sending a body before it is cut off
     * @param visitors says when answers are the last ones of their connections
     */
    RequestGuard(WireGuard wire, Duration patience, Visitors visitors) {
        this.wire = wire;
        this.patience = patience;
        this.visitors = visitors;
        wire.report(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (lingering != null) {
            lingering.discard(message);
            return;
        }
        if (refusal != null) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            Optional<HttpResponseStatus> status = RequestRules.judge(request);
            if (status.isPresent()) {
                withoutBody = request.method().equals(HttpMethod.HEAD);
                ReferenceCountUtil.release(message);
                refuse(ctx, status.get(), unanswered == 0);
                return;
            }
            unanswered++;
            inBody = true;
            isOld |= request.protocolVersion().equals(HttpVersion.HTTP_1_0);
            staysWithHttp1(ctx);
            announceBody(request.headers());
        } else if (message instanceof HttpContent content && !isSound(ctx, content)) {
            return;
        }
        if (rest != null && message instanceof HttpContent content && !rest.isBearable(content)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
            rest = null;
        }
        ctx.fireChannelRead(message);
    }

    /**
     * A connection that began with HTTP/1 stays with HTTP/1, so the handlers that could switch its protocol are removed
     * (RP-19).
     */
    private void staysWithHttp1(ChannelHandlerContext ctx) {
        if (!settled) {
            settled = true;
            HttpServerUpgradeHandler change = ctx.pipeline().get(HttpServerUpgradeHandler.class);
            if (change != null) {
                ctx.pipeline().remove(change);
            }
        }
    }

    /** Bad chunks end the request where it is: the upstream request is aborted, never completed (RP-05). */
    private boolean isSound(ChannelHandlerContext ctx, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(content);
            breakOff(ctx, RequestRules.status(content.decoderResult().cause()));
            return false;
        }
        if (content instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
            last.trailingHeaders().clear(); // RP-06
        }
        return true;
    }

    /** The bytes in front of the codec are not HTTP; {@link WireGuard} passes no more of them on. */
    void malformed() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || refusal != null) {
            return;
        }
        if (inBody) {
            breakOff(ctx, HttpResponseStatus.BAD_REQUEST);
        } else {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, unanswered == 0);
        }
    }

    /** The request's body arrives too slowly: the request is broken off (DO-01). */
    void tooSlow() {
        ChannelHandlerContext ctx = context;
        if (ctx != null && refusal == null) {
            breakOff(ctx, HttpResponseStatus.REQUEST_TIMEOUT);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    private void announceBody(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        boolean awaitsContinue = headers.contains(HttpHeaderNames.EXPECT);
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            wire.chunksFollow(awaitsContinue);
        } else {
            wire.bodyFollows(length == null ? 0 : Long.parseLong(length), awaitsContinue);
        }
    }

    /** A request whose body is bad is refused if no answer has begun; the connection closes in any case. */
    private void breakOff(ChannelHandlerContext ctx, HttpResponseStatus status) {
        boolean silent = unanswered == 1 && !answerBegun;
        refuse(ctx, status, silent);
        if (!silent) {
            ctx.close();
        }
    }

    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, boolean now) {
        refusal = status;
        wire.off();
        LOG.info(
                "ray={} rejected before any filter: status={} peer={}",
                ray,
                status.code(),
                ctx.channel().remoteAddress());
        if (now) {
            answer(ctx, status);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpResponseStatus status) {
        byte[] words = WireRefusal.json(status.code(), ray);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, withoutBody ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(words));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .set(HttpHeaderNames.CONTENT_LENGTH, words.length)
                .set(HttpHeaderNames.CONNECTION, "close")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(AccessHeaders.RAY, ray);
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    /** Delays the close while the client may not have read its answer yet. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isEndedByClose && answerBegun) {
            ctx.channel()
                    .config()
                    .setOption(ChannelOption.SO_LINGER, 0); // a reset: an orderly close would look complete
        }
        boolean isStillSending = inBody && unanswered == 0 && refusal == null;
        if (lingering == null && (!isStillSending || !ctx.channel().isActive())) {
            ctx.close(promise);
            return;
        }
        if (lingering == null) {
            wire.off();
            lingering = new LingeringClose(ctx, patience);
        }
        lingering.answer(promise);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response) {
            int code = response.status().code();
            wire.continues();
            if (code == 101) {
                wire.off();
            }
            answerBegun = code >= 200 || code == 101;
            if (isOld && HttpUtil.isTransferEncodingChunked(response)) {
                response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
                isEndedByClose = true;
            }
            if (code >= 200 && (isEndedByClose || visitors.isClosing())) {
                isLast = true;
                HttpUtil.setKeepAlive(response, false);
            }
        }
        boolean ends = message instanceof LastHttpContent && answerBegun;
        ctx.write(message, ends && isLast ? promise.unvoid().addListener(ChannelFutureListener.CLOSE) : promise);
        if (ends) {
            answerBegun = false;
            unanswered--;
            if (refusal != null && unanswered <= 0) {
                answer(ctx, refusal);
            } else if (inBody && unanswered == 0 && lingering == null) {
                rest = new RestOfBody(ctx, patience);
            }
        }
    }
}
