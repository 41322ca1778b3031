package io.sallyport.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestTarget;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Finds the application and the origin of a request to an application host: two hash look-ups in the one snapshot this request
 * sees. Stands in for Spring's dispatcher on these hosts, because that answers preflights itself and would know only its own
 * handlers (CO-01).
 */
final class ApplicationHandler implements WebHandler {
    private final SnapshotHolder snapshots;
    private final HeapWatch heap;
    private final Origins origins;
    private final WebHandler gateway;
    private final Refusals refusals;
    private final CertificateJudge certificates;

    ApplicationHandler(
            SnapshotHolder snapshots,
            HeapWatch heap,
            Origins origins,
            WebHandler gateway,
            Refusals refusals,
            CertificateJudge certificates) {
        this.snapshots = snapshots;
        this.heap = heap;
        this.origins = origins;
        this.gateway = gateway;
        this.refusals = refusals;
        this.certificates = certificates;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            return refusals.notReady(exchange, null);
        }
        if (heap.isFull()) {
            return refusals.overloaded(exchange, snapshot);
        }
        RequestTarget target = context.target();
        Application application =
                snapshot.applications().find(target.host(), target.path()).orElse(null);
        Destination origin = snapshot.origins()
                .find(target.host(), target.path())
                .map(origins::of)
                .orElse(null);
        if (application == null && origin == null) {
            return refusals.noSuchHost(exchange, snapshot);
        }
        boolean mayPass = application != null || !snapshot.settings().denyUnmatchedRequests();
        if (mayPass && snapshot.applications().isAmbiguous(target.host(), target.path())) {
            return refusals.ambiguous(exchange, snapshot);
        }
        if (application != null) {
            AccessRecord.of(exchange).application(application);
        }
        exchange.getAttributes().put(GATEWAY_ROUTE_ATTR, origin == null ? Origin.NOWHERE : origin.route());
        boolean stale = application == null ? snapshots.stale() : snapshots.stale(application);
        return certificates.judge(exchange, snapshot, target.host()).flatMap(certificate -> {
            new AccessExchange(context, snapshot, stale, application, origin, certificate).store(exchange);
            return gateway.handle(exchange);
        });
    }
}
