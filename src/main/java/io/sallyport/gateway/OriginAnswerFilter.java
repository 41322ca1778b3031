package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Streams an origin's answer to the visitor, as fast as the visitor reads it. A short answer of known length goes out
 * in one piece; anything else is flushed as it arrives, so that events, logs and long polls come through whatever
 * content type they carry.
 */
final class OriginAnswerFilter implements GlobalFilter, Ordered {
    private static final long SHORT = 32 * 1024;

    @Override
    public int getOrder() {
        return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        AtomicBoolean isRead = new AtomicBoolean();
        return chain.filter(exchange)
                .then(Mono.defer(() -> write(exchange, isRead)))
                .doFinally(signal -> {
                    Connection connection = exchange.getAttribute(CLIENT_RESPONSE_CONN_ATTR);
                    // A connection whose answer was read only in part is closed (RP-13); a fully read one may already
                    // serve another request.
                    if (signal != SignalType.ON_COMPLETE && connection != null && !isRead.get()) {
                        connection.dispose();
                    }
                });
    }

    private static Mono<Void> write(ServerWebExchange exchange, AtomicBoolean isRead) {
        Connection connection = exchange.getAttribute(CLIENT_RESPONSE_CONN_ATTR);
        if (connection == null) {
            return Mono.error(new IllegalStateException("nobody asked an origin"));
        }
        HttpClientResponse answer = exchange.getAttribute(CLIENT_RESPONSE_ATTR);
        return write(
                exchange,
                connection.inbound().receive().retain().doOnComplete(() -> isRead.set(true)),
                answer == null ? Mono.empty() : answer.trailerHeaders());
    }

    /**
     * Writes head and body together. An origin that breaks off early is noticed before the visitor has seen anything.
     */
    private static Mono<Void> whole(ServerHttpResponse response, Flux<ByteBuf> bytes) {
        return bytes.collectList()
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .flatMap(pieces -> whole(response, pieces));
    }

    /** @param length of a body in bytes, negative when unknown */
    static boolean isShort(long length) {
        return length >= 0 && length <= SHORT;
    }

    private static Mono<Void> whole(ServerHttpResponse response, List<ByteBuf> pieces) {
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        return pieces.isEmpty() ? response.setComplete() : response.writeWith(Mono.just(buffers.wrap(joined(pieces))));
    }

    /** Sends a body that has arrived whole, and that the call takes over; status and headers are set. */
    static Mono<Void> write(ServerWebExchange exchange, List<ByteBuf> body) {
        AccessRecord record = AccessRecord.of(exchange);
        record.answerBegins();
        body.forEach(piece -> record.sent(piece.readableBytes()));
        record.answerEnds();
        return whole(exchange.getResponse(), body);
    }

    /**
     * Copies the pieces into one buffer with a reference count of its own. The pieces share the count of the read they
     * arrived in, which may hold other visitors' answers, and Spring releases a buffer twice when a visitor leaves at
     * the wrong moment (it nests two discard hooks). The second release must not reach a shared buffer.
     */
    private static ByteBuf joined(List<ByteBuf> pieces) {
        return new CompositeByteBuf(UnpooledByteBufAllocator.DEFAULT, false, pieces.size() + 1, pieces);
    }

    /** Streams a body to the visitor, and trailers behind it if there are any; status and headers are set. */
    static Mono<Void> write(ServerWebExchange exchange, Flux<ByteBuf> body, Mono<HttpHeaders> trailers) {
        ServerHttpResponse response = exchange.getResponse();
        AccessRecord record = AccessRecord.of(exchange);
        record.answerBegins();
        Flux<ByteBuf> bytes =
                body.doOnNext(piece -> record.sent(piece.readableBytes())).doOnComplete(record::answerEnds);
        long length = response.getHeaders().getContentLength();
        if (isShort(length)) {
            return whole(response, bytes);
        }
        if (!(response instanceof AbstractServerHttpResponse plain)) {
            NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
            return response.writeWith(bytes.map(buffers::wrap));
        }
        HttpServerResponse raw = plain.getNativeResponse();
        if (EdgeRequest.of(exchange).takesTrailers()) {
            raw.withConnection(visitor -> Trailers.follow(visitor.channel(), trailers));
        }
        // Completing a response that has no body yet copies status and headers to the native response and sends
        // nothing.
        return response.setComplete()
                .then(Mono.defer(() -> raw.send(bytes, piece -> true).then()));
    }
}
