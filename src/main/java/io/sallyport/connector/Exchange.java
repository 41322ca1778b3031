package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.ResetCodes;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on one stream of the edge. Reads from the stream only as fast as the upstream takes it,
 * and the upstream reads from the origin only as fast as the stream takes it, so that a slow end slows the other down
 * and no buffer fills up (TU-06).
 */
final class Exchange extends ChannelInboundHandlerAdapter {
    private static final Pattern SYSTEM_CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");
    /** In cloudflared's words, also for an origin that accepts a request and does not answer it. */
    private static final String UNREACHABLE = "Unable to reach the origin service";

    private final OriginProxy proxy;
    private final Deque<HttpContent> waiting = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Upstream upstream;
    private @Nullable About about;
    private boolean isCounted;
    private boolean isRequestEnded;
    private boolean isResponseBegun;
    private boolean isOver;

    Exchange(OriginProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case EdgeRequest request -> {
                isCounted = true;
                proxy.metrics().requestBegun();
                proxy.serve(this, request);
            }
            case HttpContent content -> content(content);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void content(HttpContent content) {
        isRequestEnded |= content instanceof LastHttpContent;
        if (isOver) {
            content.release();
        } else if (upstream == null) {
            waiting.add(content);
        } else {
            upstream.content(content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (upstream != null && !isOver) {
            upstream.flush();
            more();
        } else if (!isCounted) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable() && upstream != null && !isOver) {
            upstream.edgeWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over();
        if (upstream != null) {
            upstream.edgeGone();
        }
    }

    /** Nobody waits any more for the origin to begin the stream of bytes. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == CancelWatch.Unwanted.BYTES) {
            QuicStreamEnds.abandon(ctx.channel());
        }
        ctx.fireUserEventTriggered(event);
    }

    /** An exception on this stream ends this request only; the connection carries others. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        proxy.log().log(LogLine.Kind.HTTP, ConnectorLog.Level.DEBUG, "request failed", "error", String.valueOf(cause));
        Upstream victim = upstream;
        fail();
        if (victim != null) {
            victim.edgeGone();
        }
    }

    OriginProxy proxy() {
        return proxy;
    }

    EventLoop eventLoop() {
        return channel().eventLoop();
    }

    Channel channel() {
        return ctx().channel();
    }

    private ChannelHandlerContext ctx() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return context;
    }

    /** Whether the exchange has ended: the edge cancelled it, or the response is complete. */
    boolean isOver() {
        return isOver;
    }

    boolean isWritable() {
        return channel().isWritable();
    }

    /** Passes the request's body to an upstream: first what has arrived already. */
    void begin(Upstream taker) {
        upstream = taker;
        for (HttpContent content = waiting.poll(); content != null; content = waiting.poll()) {
            taker.content(content);
        }
        taker.flush();
        more();
    }

    /** Takes pieces back that an upstream kept for the next upstream. */
    void giveBack(Deque<HttpContent> pieces) {
        takeBack();
        waiting.addAll(pieces);
    }

    /** Keeps further pieces for the next upstream. */
    void takeBack() {
        upstream = null;
    }

    /** Reads more, if the request is not complete and the upstream is ready. */
    void more() {
        if (!isRequestEnded && !isOver && upstream != null && upstream.isReady()) {
            ctx().read();
        }
    }

    /** Sends the head of the response. */
    void respond(EdgeResponse response) {
        isResponseBegun = true;
        proxy.metrics().responded(response.status());
        About known = about;
        if (known != null) {
            proxy.log().log(
                    known.kind(),
                    ConnectorLog.Level.DEBUG,
                    "Answered " + response.status(),
                    known.fields().toArray(String[]::new));
        }
        ctx().write(response);
    }

    /** Sends a piece of the response's body; the last one ends the exchange. */
    void body(HttpContent content) {
        if (isOver) {
            content.release();
            return;
        }
        ctx().write(content);
        if (content instanceof LastHttpContent) {
            over();
            ctx().flush();
        }
    }

    void flush() {
        ctx().flush();
    }

    /** Sends a whole response without a body. */
    void answer(int status, ResponseMeta meta) {
        if (!isOver) {
            respond(EdgeResponse.bare(status, meta));
            body(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Sends a whole response of the connector's own making. */
    void whole(int status, String type, String text, boolean headOnly) {
        if (isOver) {
            return;
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        respond(new EdgeResponse(status, headers, ResponseMeta.ORIGIN));
        body(
                headOnly
                        ? LastHttpContent.EMPTY_LAST_CONTENT
                        : new DefaultLastHttpContent(channel().alloc().buffer().writeBytes(body)));
    }

    /** Describes the request, for the log. */
    void describe(LogLine.Kind kind, String... fields) {
        about = new About(kind, List.of(fields));
    }

    private record About(LogLine.Kind kind, List<String> fields) {}

    /** Logs why the origin could not be reached, and fails. */
    void unreachable(String service, Throwable cause) {
        originFailed(UNREACHABLE, service, reason(cause), StreamAbort.BROKEN);
    }

    /**
     * Logs why the origin gave no response, or only a part of one, and fails; nothing happens when the edge has cancelled.
     *
     * @param code by which the origin broke it off
     */
    void brokeOff(String service, String why, long code) {
        if (!isOver) {
            String what = isResponseBegun ? "The origin broke off its response" : UNREACHABLE;
            originFailed(what, service, why, new StreamAbort(ResetCodes.passedOn(code)));
        }
    }

    private void originFailed(String what, String service, String why, StreamAbort abort) {
        proxy.log().log(LogLine.Kind.HTTP, ConnectorLog.Level.ERROR, what, "originService", service, "error", why);
        fail(abort);
    }

    /** What the system said, without the name of the system call that Netty's epoll puts before it. */
    static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : SYSTEM_CALL.matcher(message).replaceFirst("");
    }

    /** Fails the exchange: with a 502 from the connector, or by resetting the stream when the response has begun. */
    void fail() {
        fail(StreamAbort.BROKEN);
    }

    private void fail(StreamAbort abort) {
        if (isOver) {
            return;
        }
        proxy.metrics().requestFailed();
        if (isResponseBegun) {
            over();
            ctx().writeAndFlush(abort);
        } else {
            answer(502, ResponseMeta.CONNECTOR);
        }
    }

    /** Turns the stream into a byte stream for other handlers, which first get the bytes that have arrived already. */
    void becomeBytes(Consumer<ChannelPipeline> handlers) {
        ChannelPipeline pipeline = ctx().pipeline();
        ChannelHandlerContext self = ctx();
        pipeline.addLast(new ContentBytes());
        handlers.accept(pipeline);
        upstream = null;
        pipeline.addLast(new CountedStream(proxy.metrics()));
        for (HttpContent content = waiting.poll(); content != null; content = waiting.poll()) {
            self.fireChannelRead(content);
        }
        isOver = true;
        pipeline.remove(this);
    }

    private void over() {
        if (!isOver) {
            isOver = true;
            waiting.forEach(HttpContent::release);
            waiting.clear();
            if (isCounted) {
                proxy.metrics().requestEnded();
            }
        }
    }

    /** Counts a stream that became bytes as running until it closes. */
    private static final class CountedStream extends ChannelInboundHandlerAdapter {
        private final ConnectorMetrics metrics;

        CountedStream(ConnectorMetrics metrics) {
            this.metrics = metrics;
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            metrics.requestEnded();
            ctx.fireChannelInactive();
        }
    }
}
