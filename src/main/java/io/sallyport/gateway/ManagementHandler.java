package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.ManagementClaims;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.web.SecurityHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Forwards requests for a connector's log, metrics and host details to that connector,
 * once {@link ManagementDoor} has verified them. Only the verified path and token and a few harmless fields are passed
 * on. A stream is ended when its token expires or its tunnel is deleted.
 */
final class ManagementHandler implements WebHandler {
    /** The header fields that are passed on to the connector. */
    private static final Set<String> PASSED = Set.of(
            "user-agent",
            "accept",
            "traceparent",
            "tracestate",
            "upgrade",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-protocol",
            "sec-websocket-extensions");

    private final SnapshotHolder snapshots;
    private final ManagementDoor door;
    private final WebSocketRelay webSockets;
    private final TunnelRouting tunnels;
    private final LiveConnections live;
    private final Offload offload;

    ManagementHandler(
            SnapshotHolder snapshots,
            ManagementDoor door,
            WebSocketRelay webSockets,
            TunnelRouting tunnels,
            LiveConnections live,
            Offload offload) {
        this.snapshots = snapshots;
        this.door = door;
        this.webSockets = webSockets;
        this.tunnels = tunnels;
        this.live = live;
        this.offload = offload;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        Snapshot snapshot = snapshots.current();
        if (snapshot == null || snapshots.stale()) {
            return refuse(exchange, ManagementRefusal.BUSY);
        }
        // Anybody can make us verify a signature, so it is done off the event loop.
        AccessRecord record = AccessRecord.of(exchange);
        HttpMethod method = exchange.getRequest().getMethod();
        return offload.call(Offload.Room.STRANGERS, () -> door.verify(record, method, context.target(), snapshot))
                .flatMap(verified -> pass(exchange, context, verified))
                .onErrorResume(failure -> exchange.getResponse().isCommitted()
                        ? Mono.error(failure)
                        : refusalOf(failure)
                                .map(refusal -> refuse(exchange, refusal))
                                .orElseGet(() -> Mono.error(failure)));
    }

    /**
     * Ends a stream when its token or tunnel ceases to be valid. A deleted tunnel's connections may close before the
     * next round of checks.
     */
    private final class TokenWatch implements WebSocketRelay.Watch {
        private final String ray;
        private final ManagementClaims claims;

        TokenWatch(String ray, ManagementClaims claims) {
            this.ray = ray;
            this.claims = claims;
        }

        @Override
        public Mono<Void> over(IntConsumer cut, Mono<Void> whole) {
            return live.watch(ray, newer -> door.holds(claims, newer), cut, whole);
        }

        @Override
        public int closeCode() {
            Snapshot now = snapshots.current();
            return now == null || door.holds(claims, now) ? 0 : LiveConnections.POLICY;
        }
    }

    private Mono<Void> pass(ServerWebExchange exchange, RequestContext context, ManagementDoor.Verified verified) {
        EdgeRequest request = EdgeRequest.of(exchange);
        AccessRecord record = AccessRecord.of(exchange);
        String name = context.target().host().value();
        onlyWhatConnectorsNeed(request.fields(), name);
        String target = context.target().path() + "?" + ManagementDoor.TOKEN + "=" + verified.compact();
        record.outcome("permitted", "management_token");
        record.upstreamStarts(new TunnelOrigin(verified.to().tunnel(), name));
        exchange.getResponse().getHeaders().setCacheControl("no-store");
        if (request.isWebSocket()) {
            TokenWatch watch = new TokenWatch(record.ray(), verified.claims());
            return tunnels.relay(verified.to(), dialled -> webSockets.relay(exchange, target, dialled, watch))
                    .onErrorMap(OriginFailure::of);
        }
        return tunnels.forward(exchange, target, verified.to()).onErrorMap(OriginFailure::of);
    }

    /**
     * Removes everything else, such as cookies, credentials and Origin: only the token counts, and it has been
     * verified.
     */
    private static void onlyWhatConnectorsNeed(io.netty.handler.codec.http.HttpHeaders fields, String host) {
        fields.names().stream()
                .filter(name -> !PASSED.contains(name.toLowerCase(Locale.ROOT)))
                .toList()
                .forEach(fields::remove);
        fields.set(HttpHeaders.HOST, host);
    }

    private static Optional<ManagementRefusal> refusalOf(Throwable failure) {
        return Optional.ofNullable(
                switch (failure) {
                    case ManagementDoor.RefusedException refused -> refused.refusal();
                    case TunnelFailure tunnel ->
                        switch (tunnel.kind()) {
                            case NO_CONNECTOR, NOT_SENT -> ManagementRefusal.NO_CONNECTOR;
                            case BUSY -> ManagementRefusal.BUSY;
                            case LOST, ORIGIN, MALFORMED -> ManagementRefusal.UNREACHABLE;
                        };
                    case OriginFailure origin -> ManagementRefusal.UNREACHABLE;
                    case ResponseStatusException full -> ManagementRefusal.BUSY;
                    default -> null;
                });
    }

    private static Mono<Void> refuse(ServerWebExchange exchange, ManagementRefusal refusal) {
        AccessRecord.of(exchange).outcome("rejected", refusal.word());
        ServerHttpResponse response = exchange.getResponse();
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        byte[] body = refusal.json().getBytes(StandardCharsets.UTF_8);
        response.setStatusCode(HttpStatusCode.valueOf(refusal.status()));
        HttpHeaders headers = response.getHeaders();
        headers.clear();
        SecurityHeaders.write(headers, context.secure());
        headers.setContentType(MediaType.APPLICATION_JSON);
        headers.setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
