package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import org.springframework.http.HttpStatus;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.security.web.server.firewall.ServerWebExchangeFirewall;
import org.springframework.security.web.server.firewall.StrictServerWebExchangeFirewall;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What Spring Security does on each kind of host. Login and console define chains of their own. */
final class EdgeSecurity {
    private static final String NOT_OURS =
            "no address here holds an escaped slash, backslash, dot or percent sign, a semicolon or"
                    + " a control character, and no header one either";

    private EdgeSecurity() {}

    /** A chain that does nothing, for the login's paths on application hosts: the login's own checks are stricter. */
    static SecurityWebFilterChain nothingOfSpring() {
        return new SecurityWebFilterChain() {
            @Override
            public Mono<Boolean> matches(ServerWebExchange exchange) {
                return Mono.just(isApplication(exchange));
            }

            @Override
            public Flux<WebFilter> getWebFilters() {
                return Flux.just((exchange, chain) -> chain.filter(exchange));
            }
        };
    }

    /**
     * Applications use encoded slashes, semicolons and odd header values, and the first filter has read the target already; our own
     * hosts need none of that and keep the strict firewall.
     */
    static ServerWebExchangeFirewall firewall() {
        StrictServerWebExchangeFirewall strict = new StrictServerWebExchangeFirewall();
        return exchange -> isApplication(exchange) ? Mono.just(exchange) : strict.getFirewalledExchange(exchange);
    }

    /** Answers what the strict firewall refuses like any other failure; Spring's default answer has no body. */
    static ServerExchangeRejectedHandler refusals() {
        return (exchange, rejected) ->
                Mono.error(new ResponseStatusException(HttpStatus.BAD_REQUEST, NOT_OURS, rejected));
    }

    private static boolean isApplication(ServerWebExchange exchange) {
        RequestContext context = exchange.getAttribute(RequestContext.ATTRIBUTE);
        return context != null && context.face() == Face.APPLICATION;
    }
}
