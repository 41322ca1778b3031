package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.NettyOutbound;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.PrematureCloseException;

/**
 * The end of the chain: sends an admitted request to its origin, with the path and query exactly as they were matched
 * (PN-01), and takes the head of the answer. Header fields stay in Netty's form from the visitor's connection to the
 * origin's and back; turning them into Spring's maps and out of them again, as the gateway's own routing filter does,
 * took a tenth of a request's CPU time.
 *
 * <p>An origin may close a pooled connection at the moment it is taken. A safe request without a body is then sent
 * again, over a new connection; all others are answered 502, because the origin may have acted on them.
 */
final class OriginRouting implements GlobalFilter, Ordered {
    private static final int LONG_VALUE = 64;

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain end) {
        Admission.of(exchange); // nothing is forwarded without one
        if (!(AccessExchange.of(exchange).origin() instanceof Origin origin)) {
            throw new IllegalStateException(
                    "a request for anything but an origin of ours is answered before it gets here");
        }
        return attempt(exchange, origin.pooled())
                .onErrorResume(
                        failure -> isStaleConnection(failure) && mayBeAskedAgain(exchange),
                        failure -> attempt(exchange, origin.fresh()));
    }

    private static Mono<Void> attempt(ServerWebExchange exchange, HttpClient client) {
        EdgeRequest request = EdgeRequest.of(exchange);
        String target = AccessExchange.of(exchange).context().target().pathAndQuery();
        return client.request(io.netty.handler.codec.http.HttpMethod.valueOf(
                        request.getMethod().name()))
                .uri(target) // the path alone: the client knows the address
                .send((head, body) -> {
                    AccessRecord.of(exchange).upstreamAsked();
                    return send(request, head, body);
                })
                .responseConnection((answer, connection) -> {
                    exchange.getAttributes().put(CLIENT_RESPONSE_ATTR, answer);
                    exchange.getAttributes().put(CLIENT_RESPONSE_CONN_ATTR, connection);
                    ServerHttpResponse response = exchange.getResponse();
                    response.setRawStatusCode(answer.status().code());
                    ResponseGuard.pass(answer.responseHeaders(), exchange);
                    return Mono.just(answer);
                })
                .then();
    }

    private static Publisher<Void> send(EdgeRequest request, HttpClientRequest head, NettyOutbound body) {
        // Replaces the HTTP client's own fields, such as User-Agent.
        HttpHeaders fields = head.requestHeaders().set(request.fields());
        inBytes(fields);
        if (request.isBodiless()) {
            return Mono.empty();
        }
        if (!request.isGathered() && !fields.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return body.send(request.getBody()
                .onErrorMap(AbortedException.class, OriginFailure.VisitorLeft::new)
                .map(NettyDataBufferFactory::toByteBuf));
    }

    /**
     * Converts long values to bytes, which the encoder copies in one piece; it would copy the thousand characters of a
     * cookie or token one by one.
     */
    private static void inBytes(HttpHeaders fields) {
        for (Iterator<Map.Entry<CharSequence, CharSequence>> each = fields.iteratorCharSequence(); each.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = each.next();
            if (field.getValue() instanceof String text && text.length() >= LONG_VALUE) {
                field.setValue(new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false));
            }
        }
    }

    /** Whether the request may be sent again: any request of which nothing was sent, else only harmless ones. */
    private static boolean mayBeAskedAgain(ServerWebExchange exchange) {
        return !exchange.getAttributes().containsKey(CLIENT_RESPONSE_ATTR)
                && (!AccessRecord.of(exchange).isUpstreamAsked() || isHarmlessTwice(EdgeRequest.of(exchange)));
    }

    /** Safe methods without a body; a body could not be read a second time. */
    private static boolean isHarmlessTwice(EdgeRequest request) {
        return isSafe(request.getMethod()) && request.getHeaders().getContentLength() <= 0 && !request.isChunked();
    }

    /** Whether a method is safe (RFC 9110 §9.2.1). */
    static boolean isSafe(HttpMethod method) {
        return HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method) || HttpMethod.OPTIONS.equals(method);
    }

    private static boolean isStaleConnection(Throwable failure) {
        return failure instanceof PrematureCloseException
                || failure instanceof ClosedChannelException
                || AbortedException.isConnectionReset(failure);
    }
}
