package io.sallyport.connector;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.sallyport.http.GoDuration;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The built-in site {@code hello_world}, to test a tunnel before there is a service to publish. */
final class HelloWorld implements Upstream {
    private static final long STARTED = System.nanoTime();
    private static final Duration QUICKEST = Duration.ofMillis(10);

    private final Exchange exchange;
    private final boolean isCounter;
    private @Nullable ScheduledFuture<?> ticks;
    private long count;

    private HelloWorld(Exchange exchange, boolean isCounter) {
        this.exchange = exchange;
        this.isCounter = isCounter;
    }

    static void serve(Exchange exchange, EdgeRequest request) {
        QueryStringDecoder target = new QueryStringDecoder(request.head().uri());
        if (request.kind() == RequestKind.WEBSOCKET) {
            if (target.path().equals("/ws")) {
                echo(exchange, request);
            } else {
                exchange.answer(404, ResponseMeta.ORIGIN);
            }
            return;
        }
        HelloWorld page = new HelloWorld(exchange, target.path().equals("/sse"));
        if (page.isCounter) {
            page.counter(target.parameters().getOrDefault("freq", List.of("1s")).getFirst());
        } else {
            page.page(target.path(), request.head().method().equals(HttpMethod.HEAD));
        }
        exchange.begin(page);
    }

    private void page(String path, boolean headOnly) {
        switch (path) {
            case "/_health" -> exchange.whole(200, "text/plain; charset=utf-8", "ok", headOnly);
            case "/uptime" ->
                exchange.whole(
                        200,
                        "application/json",
                        "{\"uptime\":\""
                                + GoDuration.format(Duration.ofSeconds((System.nanoTime() - STARTED) / 1_000_000_000))
                                + "\"}",
                        headOnly);
            default -> exchange.whole(200, "text/html; charset=utf-8", """
                    <!doctype html><html lang="en"><title>It works</title>
                    <h1>It works</h1><p>This page came through a tunnel. Now give the rule a service of your own.</p></html>
                    """, headOnly);
        }
    }

    private void counter(String frequency) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        exchange.respond(new EdgeResponse(200, headers, ResponseMeta.ORIGIN));
        long nanos = GoDuration.parse(frequency)
                .filter(duration -> duration.compareTo(QUICKEST) >= 0)
                .orElse(Duration.ofSeconds(1))
                .toNanos();
        ticks = exchange.eventLoop().scheduleAtFixedRate(this::tick, 0, nanos, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        if (exchange.isWritable()) {
            exchange.body(new DefaultHttpContent(
                    ByteBufUtil.writeUtf8(exchange.channel().alloc(), "data: " + count++ + "\n\n")));
            exchange.flush();
        }
    }

    private static void echo(Exchange exchange, EdgeRequest request) {
        exchange.respond(ByteStreams.accepted(request));
        exchange.flush();
        exchange.becomeBytes(pipeline -> {
            WebSocketBytes.addTo(pipeline);
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ctx.write(message);
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext ctx) {
                    ctx.flush();
                    ctx.read();
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    ctx.close();
                }
            });
        });
        exchange.channel().read();
    }

    @Override
    public void content(HttpContent content) {
        content.release();
    }

    @Override
    public void flush() {
        // the body is not used
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void edgeWritable() {
        // the next tick looks
    }

    @Override
    public void edgeGone() {
        if (ticks != null) {
            ticks.cancel(false);
        }
    }
}
