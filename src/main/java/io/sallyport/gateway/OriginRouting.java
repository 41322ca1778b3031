package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ALREADY_ROUTED_ATTR;

import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.PrematureCloseException;

/**
 * Spring Cloud Gateway's Netty filter with our clients, our header rules, and no forwarding without an admission.
 *
 * <p>An origin may close a pooled connection at the moment it is taken. A request that does no harm when it is sent twice is then
 * sent once more, over a new connection; all others are answered 502, because the origin may have acted on them.
 */
final class OriginRouting extends NettyRoutingFilter {
    private static final String SECOND_ATTEMPT = OriginRouting.class.getName() + ".secondAttempt";

    private final List<HttpHeadersFilter> headers;

    OriginRouting(
            ObjectProvider<List<HttpHeadersFilter>> unused, HttpClientProperties properties, ResponseGuard guard) {
        super(HttpClient.create(), unused, properties);
        this.headers = List.of(guard);
    }

    @Override
    public List<HttpHeadersFilter> getHeadersFilters() {
        return headers;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Mono<Void> first = super.filter(exchange, chain);
        if (!isHarmlessTwice(exchange.getRequest())) {
            return first;
        }
        return first.onErrorResume(failure -> {
            if (!isStaleConnection(failure) || exchange.getAttributes().containsKey(CLIENT_RESPONSE_ATTR)) {
                return Mono.error(failure);
            }
            exchange.getAttributes().remove(GATEWAY_ALREADY_ROUTED_ATTR);
            exchange.getAttributes().put(SECOND_ATTEMPT, true);
            return super.filter(exchange, chain);
        });
    }

    @Override
    protected HttpClient getHttpClient(Route route, ServerWebExchange exchange) {
        Admission.of(exchange);
        if (!(AccessExchange.of(exchange).origin() instanceof Origin origin)) {
            throw new IllegalStateException(
                    "a request for anything but an origin of ours is answered before it gets here");
        }
        return exchange.getAttributes().containsKey(SECOND_ATTEMPT) ? origin.fresh() : origin.pooled();
    }

    /** Safe methods (RFC 9110 section 9.2.1) without a body, which could not be read a second time. */
    private static boolean isHarmlessTwice(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        return isSafe(request.getMethod())
                && headers.getContentLength() <= 0
                && !headers.containsHeader(HttpHeaders.TRANSFER_ENCODING);
    }

    /** Whether a method asks for nothing to be done (RFC 9110 section 9.2.1). */
    static boolean isSafe(HttpMethod method) {
        return HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method) || HttpMethod.OPTIONS.equals(method);
    }

    private static boolean isStaleConnection(Throwable failure) {
        return failure instanceof PrematureCloseException
                || failure instanceof ClosedChannelException
                || AbortedException.isConnectionReset(failure);
    }
}
