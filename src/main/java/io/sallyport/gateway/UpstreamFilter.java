package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE;

import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Sends an admitted request on its way: WebSockets to the raw relay, everything else to Spring Cloud Gateway's Netty filter, with
 * the path and query exactly as they were matched (PN-01).
 */
final class UpstreamFilter implements GlobalFilter, Ordered {
    static final int ORDER = AssertionFilter.ORDER + 100;

    private final WebSocketRelay webSockets;
    private final LiveConnections live;
    private final Refusals refusals;

    UpstreamFilter(WebSocketRelay webSockets, LiveConnections live, Refusals refusals) {
        this.webSockets = webSockets;
        this.live = live;
        this.refusals = refusals;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Admission admission = Admission.of(exchange);
        AccessExchange access = AccessExchange.of(exchange);
        Origin origin = access.origin();
        if (origin == null) {
            return refusals.noOrigin(exchange, access.snapshot());
        }
        AccessRecord.of(exchange).upstreamStarts();
        if (EdgeRequest.of(exchange).isWebSocket()) {
            return webSockets.relay(exchange, access, origin, admission).onErrorMap(OriginFailure::of);
        }
        exchange.getAttributes()
                .put(
                        GATEWAY_REQUEST_URL_ATTR,
                        origin.uri(access.context().target().pathAndQuery()));
        exchange.getAttributes().put(PRESERVE_HOST_HEADER_ATTRIBUTE, true);
        return live.watch(exchange, access, admission, chain.filter(exchange).onErrorMap(OriginFailure::of));
    }
}
