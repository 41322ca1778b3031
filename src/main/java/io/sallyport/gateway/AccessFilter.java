package io.sallyport.gateway;

import io.sallyport.gateway.Admission.Unguarded;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.WorkloadIssuers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Has every request decided by {@link Decider} and carried out by {@link Consequences}, except requests that an admin
 * left unprotected and requests that the gateway answers itself.
 */
final class AccessFilter implements GlobalFilter, Ordered {
    static final int ORDER = -1000;

    private final WorkloadTokens workloads;
    private final Offload offload;
    private final Decider decider;
    private final Consequences consequences;
    private final CommandLines commandLines;
    private final Refusals refusals;
    private final InstantSource clock;

    AccessFilter(
            WorkloadTokens workloads,
            Offload offload,
            Decider decider,
            Consequences consequences,
            CommandLines commandLines,
            Refusals refusals,
            InstantSource clock) {
        this.workloads = workloads;
        this.offload = offload;
        this.decider = decider;
        this.consequences = consequences;
        this.commandLines = commandLines;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        AccessExchange access = AccessExchange.of(exchange);
        Application application = access.application();
        if (application == null) {
            return unmatched(exchange, chain, access);
        }
        if (application.isPublic(access.context().target())) {
            return unguarded(exchange, chain, Unguarded.PUBLIC_PATH);
        }
        EdgeRequest request = EdgeRequest.of(exchange);
        if (CommandLines.asksForMetadata(request)) {
            return describe(exchange, access, application);
        }
        boolean preflight = Preflights.isPreflight(request);
        if (preflight && application.optionsPreflightBypass()) {
            return unguarded(exchange, chain, Unguarded.PREFLIGHT);
        }
        if (preflight && application.cors() != null) {
            AccessRecord.of(exchange).outcome("answered", "cors");
            return Preflights.answer(exchange, application.cors());
        }
        if (request.isWebSocket() && !Preflights.isAtHome(request, access, application)) {
            return refusals.forbidden(
                    exchange, access, "foreign_origin", "This page may not open a WebSocket to the application.");
        }
        return guarded(exchange, chain, access, application, preflight);
    }

    /**
     * Describes the application, unless a bypass policy admits this client anyway: a command line that gets a description
     * signs its user in.
     */
    private Mono<Void> describe(ServerWebExchange exchange, AccessExchange access, Application application) {
        return decider.isOpen(
                        application,
                        access.context().client(),
                        access.certificate().holder())
                ? CommandLines.askNobody(exchange, application)
                : commandLines.describe(exchange, access, application, clock.instant());
    }

    /**
     * Decides and carries the decision out. If the keys of a workload's issuer are not cached, they are fetched off the
     * event loop first.
     */
    private Mono<Void> guarded(
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            AccessExchange access,
            Application application,
            boolean preflight) {
        Instant now = clock.instant();
        Presented presented = Credentials.of(EdgeRequest.of(exchange), application, access);
        List<String> tokens = presented.workloadTokens();
        Optional<WorkloadIssuers.Entry> unknown = workloads.unknown(access.snapshot(), tokens, now);
        Mono<Ruling> ruling = unknown.isEmpty()
                ? decide(access, application, presented, now)
                : offload.call(Offload.Room.STRANGERS, () -> {
                            workloads.verify(unknown.get(), tokens.getFirst(), now);
                            return true;
                        })
                        .flatMap(_ -> decide(access, application, presented, now));
        return ruling.flatMap(ruled -> {
            if (ruled.session() instanceof SessionState.Service && !tokens.isEmpty()) {
                EdgeRequest.of(exchange).getHeaders().remove(HttpHeaders.AUTHORIZATION); // it was meant for the gateway
            }
            if (ruled.cookie() != null) {
                exchange.getResponse().getHeaders().add(HttpHeaders.SET_COOKIE, ruled.cookie());
            }
            return consequences.of(exchange, chain, new Standing(access, application, ruled, preflight, now));
        });
    }

    private Mono<Ruling> decide(AccessExchange access, Application application, Presented presented, Instant now) {
        return decider.decide(
                access.snapshot(),
                application,
                access.context().client(),
                presented,
                access.certificate().holder(),
                now);
    }

    private Mono<Void> unmatched(ServerWebExchange exchange, GatewayFilterChain chain, AccessExchange access) {
        if (access.stale()) {
            return refusals.notReady(exchange, access.snapshot());
        }
        return access.snapshot().settings().denyUnmatchedRequests()
                ? refusals.unmatched(exchange, access.snapshot())
                : unguarded(exchange, chain, Unguarded.UNMATCHED);
    }

    private static Mono<Void> unguarded(ServerWebExchange exchange, GatewayFilterChain chain, Unguarded admission) {
        AccessRecord.of(exchange).outcome("unguarded", admission.name().toLowerCase(Locale.ROOT));
        exchange.getAttributes().put(Admission.ATTRIBUTE, admission);
        return chain.filter(exchange);
    }
}
