package io.sallyport.gateway;

import io.sallyport.tunnel.TunnelAddress;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Sends an admitted request on its way: WebSockets to the raw relay, requests for tunnels to {@link TunnelRouting}, everything else
 * down the chain to {@link OriginRouting}.
 */
final class UpstreamFilter implements GlobalFilter, Ordered {
    static final int ORDER = AssertionFilter.ORDER + 100;

    private final WebSocketRelay webSockets;
    private final TunnelRouting tunnels;
    private final LiveConnections live;
    private final Refusals refusals;

    UpstreamFilter(WebSocketRelay webSockets, TunnelRouting tunnels, LiveConnections live, Refusals refusals) {
        this.webSockets = webSockets;
        this.tunnels = tunnels;
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
        Destination destination = access.origin();
        if (destination == null) {
            return refusals.noOrigin(exchange, access.snapshot());
        }
        AccessRecord.of(exchange).upstreamStarts(destination);
        boolean isWebSocket = EdgeRequest.of(exchange).isWebSocket();
        String target = access.context().target().pathAndQuery();
        WebSocketRelay.Watch watch = (cut, whole) -> live.watch(exchange, access, admission, cut, whole);
        return switch (destination) {
            case Origin origin
            when isWebSocket ->
                webSockets.relay(exchange, target, origin.dial(), watch).onErrorMap(OriginFailure::of);
            case TunnelOrigin tunnel
            when isWebSocket ->
                tunnels.relay(
                                TunnelAddress.of(tunnel.tunnel()),
                                dialled -> webSockets.relay(exchange, target, dialled, watch))
                        .onErrorMap(OriginFailure::of);
            case Origin origin ->
                live.watch(exchange, access, admission, chain.filter(exchange).onErrorMap(OriginFailure::of));
            case TunnelOrigin tunnel ->
                live.watch(
                        exchange,
                        access,
                        admission,
                        tunnels.forward(exchange, target, TunnelAddress.of(tunnel.tunnel()))
                                .onErrorMap(OriginFailure::of));
        };
    }
}
