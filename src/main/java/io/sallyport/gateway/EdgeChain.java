package io.sallyport.gateway;

import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Spring Cloud Gateway's filter chain with exactly our filters, sorted and linked once. Spring's own links them anew for each request
 * and puts an operator around each of them.
 */
final class EdgeChain extends FilteringWebHandler {
    private final List<GlobalFilter> parts;
    private final GatewayFilterChain first;

    EdgeChain(List<GlobalFilter> filters) {
        super(filters, false);
        this.parts =
                filters.stream().sorted(AnnotationAwareOrderComparator.INSTANCE).toList();
        GatewayFilterChain chain = exchange -> Mono.empty();
        for (GlobalFilter filter : parts.reversed()) {
            chain = new Link(filter, chain);
        }
        this.first = chain;
    }

    /** What the chain is made of. */
    List<GlobalFilter> parts() {
        return parts;
    }

    /** What a filter throws, at whatever depth, becomes the exchange's error. */
    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        return Mono.defer(() -> first.filter(exchange));
    }

    /** A filter and what follows it. */
    private record Link(GlobalFilter filter, GatewayFilterChain next) implements GatewayFilterChain {
        @Override
        public Mono<Void> filter(ServerWebExchange exchange) {
            return filter.filter(exchange, next);
        }
    }
}
