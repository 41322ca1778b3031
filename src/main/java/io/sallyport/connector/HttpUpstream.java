package io.sallyport.connector;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.sallyport.http.ResetCodes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request at an HTTP origin. Checks the body against its declared length, which no codec does over QUIC; drops
 * interim responses; turns an accepted upgrade into a byte stream; and repeats a request when a pooled connection turns
 * out to be dead, if that is harmless: of a request with a body only the head may have been sent.
 */
@SuppressWarnings("ReferenceEquality") // identity of channels
final class HttpUpstream extends ChannelInboundHandlerAdapter implements Upstream {
    private static final Set<HttpMethod> REPEATABLE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);

    private static final String MALFORMED = "the response is malformed";

    private final Exchange exchange;
    private final OriginPool pool;
    private final HttpRequest head;
    private final OriginPool.Need need;
    private final boolean hasBody;
    private final long length;
    private @Nullable Channel origin;
    private OriginPool.@Nullable Lease lease;
    private long sent;
    private boolean isBodyBegun;
    private boolean isRequestSent;
    private Response response = Response.AWAITED;
    private boolean keepAlive;
    private boolean isDone;
    /** Whether the origin said that it has not acted on the request. */
    private boolean isUnprocessed;

    private boolean isRepeated;
    /** By which an HTTP/2 origin broke off. */
    private long resetCode = ResetCodes.INTERNAL_ERROR;

    private @Nullable Throwable failure;

    /** How far the origin's response has come. */
    private enum Response {
        AWAITED,
        /** An interim response, which is not passed on; another one follows. */
        INTERIM,
        /** 101: bytes follow in both directions. */
        SWITCHING,
        /** The head of the final response has been passed on. */
        BEGUN
    }

    /**
     * @param head as the origin is to see it, framing included
     * @param hasBody whether pieces of a body will follow
     */
    HttpUpstream(Exchange exchange, OriginPool pool, HttpRequest head, OriginPool.Need need, boolean hasBody) {
        this.exchange = exchange;
        this.pool = pool;
        this.head = head;
        this.need = need;
        this.hasBody = hasBody;
        this.length = Hops.contentLength(head.headers());
    }

    /** Finds a connection and sends the request. */
    void start() {
        begin(pool.acquire(exchange.eventLoop(), need));
    }

    private void begin(Future<OriginPool.Lease> lease) {
        lease.addListener((Future<OriginPool.Lease> found) -> {
            if (!found.isSuccess()) {
                exchange.unreachable(pool.toString(), found.cause());
            } else if (exchange.isOver()) {
                found.getNow().channel().close();
            } else {
                begin(found.getNow());
            }
        });
    }

    private void begin(OriginPool.Lease found) {
        lease = found;
        Channel channel = found.channel();
        origin = channel;
        channel.pipeline().addLast(this);
        if (!channel.isActive()) {
            lost();
            return;
        }
        isRequestSent = !hasBody;
        channel.writeAndFlush(hasBody ? head : whole(head));
        // Auto-read, switched off only while the edge is full, because asking for each piece costs a system call each
        // time.
        channel.config().setAutoRead(true);
        if (origin == channel && channel.isActive()) {
            exchange.begin(this);
        }
    }

    /** As one message, which leaves in one buffer, and over HTTP/2 in one frame. */
    private static FullHttpRequest whole(HttpRequest head) {
        return new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE);
    }

    @Override
    public boolean isSharable() {
        return true; // it moves to a second connection when the first turns out to be dead
    }

    // The request, on its way to the origin.

    @Override
    public void content(HttpContent content) {
        Channel channel = origin;
        if (channel == null || isRequestSent || isDone) {
            content.release();
            return;
        }
        isBodyBegun = true;
        sent += content.content().readableBytes();
        boolean isLast = content instanceof LastHttpContent;
        if (length >= 0 && (sent > length || (isLast && sent < length))) {
            content.release();
            exchange.proxy().log().debug("request refused", "error", "its body has another length than announced");
            end();
            exchange.fail();
            return;
        }
        isRequestSent = isLast;
        channel.write(content);
    }

    @Override
    public void flush() {
        if (origin != null) {
            origin.flush();
        }
    }

    @Override
    public boolean isReady() {
        return origin != null && origin.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            exchange.more();
        }
    }

    // The response, on its way back.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (isDone) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpResponse answer) {
            if (answer.decoderResult().isFailure()) {
                ReferenceCountUtil.release(message);
                broken(MALFORMED);
                return;
            }
            head(answer);
        }
        if (message instanceof HttpContent content) {
            content(ctx, content);
        }
        if (!isDone && !exchange.isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void head(HttpResponse answer) {
        HttpResponseStatus status = answer.status();
        boolean isSwitching = need.upgrade() && status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        if (status.codeClass() == HttpStatusClass.INFORMATIONAL && !isSwitching) {
            response = Response.INTERIM;
            return;
        }
        response = isSwitching ? Response.SWITCHING : Response.BEGUN;
        keepAlive = HttpUtil.isKeepAlive(answer);
        exchange.respond(EdgeResponse.of(answer, isSwitching));
    }

    private void content(ChannelHandlerContext ctx, HttpContent content) {
        boolean isLast = content instanceof LastHttpContent;
        if (content.decoderResult().isFailure()) {
            content.release();
            broken(MALFORMED);
            return;
        }
        switch (response) {
            case AWAITED, INTERIM -> {
                response = isLast ? Response.AWAITED : response;
                content.release();
            }
            case SWITCHING -> {
                content.release();
                if (isLast) {
                    becomeBytes(ctx);
                }
            }
            case BEGUN -> {
                isDone = isLast;
                exchange.body(content);
                if (isLast) {
                    done(ctx);
                }
            }
        }
    }

    private void done(ChannelHandlerContext ctx) {
        ctx.pipeline().remove(this);
        boolean reusable = isRequestSent && keepAlive && lease != null && !lease.isMultiplexed();
        if (reusable) {
            pool.release(ctx.channel(), need);
        } else {
            ctx.close();
        }
    }

    /** Adds the handlers before the codec is removed, because the codec then passes on what it has buffered. */
    private void becomeBytes(ChannelHandlerContext ctx) {
        isDone = true;
        Channel channel = ctx.channel();
        channel.config().setAutoRead(false);
        exchange.flush();
        Channel stream = exchange.channel();
        exchange.becomeBytes(pipeline -> pipeline.addLast(new ByteRelay(channel)));
        channel.pipeline().addLast(new ByteRelay(stream));
        channel.pipeline().remove(this);
        pool.letGo(channel);
        channel.flush();
        stream.read();
        channel.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!isDone) {
            exchange.flush();
            ctx.channel().config().setAutoRead(exchange.isWritable());
        }
    }

    @Override
    public void edgeWritable() {
        if (origin != null && !isDone) {
            origin.config().setAutoRead(true);
        }
    }

    // Ends.

    @Override
    public void edgeGone() {
        if (isDone) {
            return; // the connection may carry another request by now
        }
        end();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            // Neither kind of refusal has touched the request (RFC 9113 §8.7); the end of the stream follows.
            case Http2ResetFrame reset
            when reset.errorCode() == Http2Error.REFUSED_STREAM.code() -> {
                isUnprocessed = true;
                resetCode = reset.errorCode();
            }
            case Http2GoAwayFrame _ -> isUnprocessed = true;
            // The origin wants no more of the request (RFC 9113 §8.1). This overtakes what is still unread of its
            // answer; if that is not whole, the end of the stream says so.
            case Http2ResetFrame reset when reset.errorCode() == Http2Error.NO_ERROR.code() -> {}
            case Http2ResetFrame reset -> {
                resetCode = reset.errorCode();
                broken("the origin reset the stream");
            }
            default -> {}
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!isDone) {
            lost();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failure = cause;
        ctx.close();
    }

    /** The connection has ended before the answer has. */
    private void lost() {
        if (mayBeRepeated()) {
            isRepeated = true;
            isUnprocessed = false;
            failure = null;
            origin = null;
            exchange.takeBack();
            begin(pool.acquireFresh(exchange.eventLoop(), need));
        } else {
            isDone = true;
            exchange.brokeOff(
                    pool.toString(),
                    failure == null ? "the origin closed the connection" : Exchange.reason(failure),
                    resetCode);
        }
    }

    /**
     * Whether the request may be sent once more: it has no answer yet, the connection had been in the pool and may have been dead there
     * (RFC 9110 §9.2.2), or the origin said that it did not act on it (RFC 9113 §8.7), and twice does no harm.
     */
    private boolean mayBeRepeated() {
        boolean isHarmless = hasBody ? !isBodyBegun : isUnprocessed || REPEATABLE.contains(head.method());
        boolean wasNotSeen = isUnprocessed || (lease != null && lease.isReused());
        boolean hasAnswer = response == Response.SWITCHING || response == Response.BEGUN;
        return isHarmless && wasNotSeen && !isRepeated && !hasAnswer && !exchange.isOver();
    }

    private void broken(String why) {
        end();
        exchange.brokeOff(pool.toString(), why, resetCode);
    }

    private void end() {
        isDone = true;
        if (origin != null) {
            origin.close();
        }
    }
}
