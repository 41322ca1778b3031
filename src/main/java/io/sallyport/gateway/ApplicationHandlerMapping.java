package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.http.RequestTarget;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Finds the application and the origin of a request to an application host: two hash look-ups in the one snapshot this request
 * sees. No other handler answers on these hosts, except under our own reserved path.
 */
final class ApplicationHandlerMapping extends AbstractHandlerMapping {
    private final SnapshotHolder snapshots;
    private final Origins origins;
    private final WebHandler gateway;
    private final Refusals refusals;

    ApplicationHandlerMapping(SnapshotHolder snapshots, Origins origins, WebHandler gateway, Refusals refusals) {
        this.snapshots = snapshots;
        this.origins = origins;
        this.gateway = gateway;
        this.refusals = refusals;
        setOrder(Ordered.HIGHEST_PRECEDENCE);
    }

    @Override
    protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
        RequestContext context = exchange.getAttribute(RequestContext.ATTRIBUTE);
        if (context == null
                || context.face() != Face.APPLICATION
                || context.target().isReserved()) {
            return Mono.empty();
        }
        return Mono.just(handler(exchange, context));
    }

    private WebHandler handler(ServerWebExchange exchange, RequestContext context) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            return unready -> refusals.notReady(unready, null);
        }
        RequestTarget target = context.target();
        Application application =
                snapshot.applications().find(target.host(), target.path()).orElse(null);
        Origin origin = snapshot.origins()
                .find(target.host(), target.path())
                .map(origins::of)
                .orElse(null);
        if (application == null && origin == null) {
            return unknown -> refusals.noSuchHost(unknown, snapshot);
        }
        new AccessExchange(context, snapshot, snapshots.stale(), application, origin).store(exchange);
        if (application != null) {
            AccessRecord.of(exchange).application(application);
        }
        exchange.getAttributes().put(GATEWAY_ROUTE_ATTR, origin == null ? Origin.NOWHERE : origin.route());
        return gateway;
    }
}
