package io.sallyport.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.sallyport.gateway.wire.FieldValues;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Passes trailer fields of origins on (RFC 9110 §6.5), by which a gRPC call reports its status. They go to visitors who
 * accept trailers, except fields that concern the message's framing, the connection or an identity (RP-06).
 *
 * <p>A call of gRPC that fails at once has its status in the head ("Trailers-Only"). Over HTTP/2 that head must also be the end of
 * the stream, because clients take it for an ordinary head otherwise and miss the status. An answer that came through a tunnel does
 * not show that its head is all, so such a head waits for what follows it.
 */
final class Trailers extends ChannelOutboundHandlerAdapter {
    private static final String NAME = "sallyport.trailers";
    private static final Set<String> NEVER = Set.of(
            "host",
            "age",
            "allow",
            "authorization",
            "cache-control",
            "clear-site-data",
            "cookie",
            "date",
            "expires",
            "location",
            "pragma",
            "range",
            "refresh",
            "retry-after",
            "set-cookie",
            "set-cookie2",
            "strict-transport-security",
            "vary",
            "warning",
            "www-authenticate");

    private static final String GRPC_STATUS = "grpc-status";

    private final Mono<HttpHeaders> arriving;
    private final boolean isHttp2;
    private @Nullable HttpResponse waiting;

    private Trailers(Mono<HttpHeaders> arriving, boolean isHttp2) {
        this.arriving = arriving;
        this.isHttp2 = isHttp2;
    }

    /** Removes the fields that may not be trailers. */
    static void reduce(HttpHeaders trailers) {
        if (trailers.isEmpty()) {
            return;
        }
        if (!FieldValues.areClean(trailers)) {
            trailers.clear();
            return;
        }
        for (String name : Set.copyOf(trailers.names())) {
            if (!mayPass(name.toLowerCase(Locale.ROOT))) {
                trailers.remove(name);
            }
        }
    }

    private static boolean mayPass(String name) {
        return !NEVER.contains(name)
                && !name.startsWith("content-")
                && !name.startsWith("access-control-")
                && !HeaderHygiene.HOP_BY_HOP.contains(name)
                && !HeaderHygiene.isReserved(name);
    }

    /**
     * Appends an origin's trailers to the answer that is about to be written to this channel.
     *
     * @param arriving completes before the last piece of the answer does
     */
    static void follow(Channel visitor, Mono<HttpHeaders> arriving) {
        ChannelHandlerContext codec = visitor.pipeline().context(Http2StreamFrameToHttpObjectCodec.class);
        boolean isHttp2 = codec != null;
        if (codec == null) {
            codec = visitor.pipeline().context(HttpServerCodec.class);
        }
        if (codec != null && visitor.pipeline().get(NAME) == null) {
            visitor.pipeline().addAfter(codec.name(), NAME, new Trailers(arriving, isHttp2));
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (isHttp2 && message instanceof HttpResponse head && head.headers().contains(GRPC_STATUS)) {
            waiting = head;
            promise.trySuccess(); // the body is not asked for before
            return;
        }
        HttpResponse head = waiting;
        waiting = null;
        if (!(message instanceof LastHttpContent last)) {
            if (head != null) {
                ctx.write(head);
            }
            ctx.write(message, promise);
            return;
        }
        DefaultLastHttpContent whole = new DefaultLastHttpContent(last.content());
        arriving.subscribe(
                trailers -> whole.trailingHeaders().add(trailers)); // they have arrived by now, so this does not wait
        if (head == null) {
            ctx.write(whole, promise);
        } else if (whole.content().isReadable() || !whole.trailingHeaders().isEmpty()) {
            ctx.write(head);
            ctx.write(whole, promise);
        } else {
            whole.release();
            ctx.write(
                    new DefaultFullHttpResponse(
                            head.protocolVersion(),
                            head.status(),
                            Unpooled.EMPTY_BUFFER,
                            head.headers(),
                            EmptyHttpHeaders.INSTANCE),
                    promise);
        }
        ctx.pipeline().remove(this);
    }
}
