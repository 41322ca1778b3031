package io.sallyport.gateway;

import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.client.HttpClient;

/** Spring Cloud Gateway's Netty filter with our clients, our header rules, and no forwarding without an admission. */
final class OriginRouting extends NettyRoutingFilter {
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
    protected HttpClient getHttpClient(Route route, ServerWebExchange exchange) {
        Admission.of(exchange);
        Origin origin = AccessExchange.of(exchange).origin();
        if (origin == null) {
            throw new IllegalStateException("a request without an origin is answered before it gets here");
        }
        return origin.client(exchange.getRequest().getMethod());
    }
}
