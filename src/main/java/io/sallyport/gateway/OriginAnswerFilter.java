package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR;

import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.Connection;

/**
 * Streams an origin's answer to the visitor, at the visitor's pace. Anything but a short answer of known length is flushed as it
 * arrives, so that events, logs and long polls come through whatever content type they carry.
 */
final class OriginAnswerFilter implements GlobalFilter, Ordered {
    private static final long SHORT = 32 * 1024;

    @Override
    public int getOrder() {
        return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        return chain.filter(exchange).then(Mono.defer(() -> write(exchange))).doFinally(signal -> {
            if (signal != SignalType.ON_COMPLETE) {
                Connection connection = exchange.getAttribute(CLIENT_RESPONSE_CONN_ATTR);
                if (connection != null) {
                    connection.dispose(); // half-read answers end their connection (RP-13)
                }
            }
        });
    }

    private static Mono<Void> write(ServerWebExchange exchange) {
        Connection connection = exchange.getAttribute(CLIENT_RESPONSE_CONN_ATTR);
        if (connection == null) {
            return Mono.error(new IllegalStateException("nobody asked an origin"));
        }
        ServerHttpResponse response = exchange.getResponse();
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        AccessRecord record = AccessRecord.of(exchange);
        Flux<DataBuffer> body = connection.inbound().receive().retain().map(bytes -> {
            record.sent(bytes.readableBytes());
            return buffers.wrap(bytes);
        });
        long length = response.getHeaders().getContentLength();
        return length >= 0 && length <= SHORT
                ? response.writeWith(body)
                : response.writeAndFlushWith(body.map(Mono::just));
    }
}
