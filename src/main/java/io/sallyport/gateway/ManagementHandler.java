package io.sallyport.gateway;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestTarget;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import io.sallyport.tunnel.ManagementHost;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.web.SecurityHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
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
 * Requests for what connectors say about themselves, their log above all (protocol/connector-api.md §7). Connectors believe whatever
 * comes in at the management host, so it is here that a token is verified, that it is for this tunnel and this path, and that
 * nothing of the visitor's but what was verified goes on. A stream ends with its token, and with its tunnel.
 */
final class ManagementHandler implements WebHandler {
    private static final String TOKEN = "access_token";
    private static final String CONNECTOR = "connector_id";
    private static final String PING = "/ping";

    /** What a path takes; nothing else is asked of a connector. */
    private static final Map<String, Set<ManagementResource>> PATHS = Map.of(
            PING,
            EnumSet.allOf(ManagementResource.class),
            "/logs",
            EnumSet.of(ManagementResource.LOGS),
            "/host_details",
            EnumSet.of(ManagementResource.HOST_DETAILS),
            "/metrics",
            EnumSet.of(ManagementResource.ADMIN),
            "/debug/pprof/heap",
            EnumSet.of(ManagementResource.ADMIN),
            "/debug/pprof/goroutine",
            EnumSet.of(ManagementResource.ADMIN));

    /** All that a connector is told about the visitor. */
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

    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final SnapshotHolder snapshots;
    private final ManagementKey key;
    private final ManagementHost host;
    private final WebSocketRelay webSockets;
    private final TunnelRouting tunnels;
    private final LiveConnections live;
    private final Offload offload;
    private final InstantSource clock;

    ManagementHandler(
            SnapshotHolder snapshots,
            ManagementKey key,
            ManagementHost host,
            WebSocketRelay webSockets,
            TunnelRouting tunnels,
            LiveConnections live,
            Offload offload,
            InstantSource clock) {
        this.snapshots = snapshots;
        this.key = key;
        this.host = host;
        this.webSockets = webSockets;
        this.tunnels = tunnels;
        this.live = live;
        this.offload = offload;
        this.clock = clock;
    }

    /** A request that the edge verified. */
    private record Verified(ManagementClaims claims, String compact, TunnelAddress to) {}

    /** Ends the handling of a request. */
    private static final class RefusedException extends RuntimeException {
        private final transient ManagementRefusal refusal;

        RefusedException(ManagementRefusal refusal) {
            super(refusal.word(), null, false, false);
            this.refusal = refusal;
        }
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        Snapshot snapshot = snapshots.current();
        if (snapshot == null || snapshots.stale()) {
            return refuse(exchange, ManagementRefusal.BUSY);
        }
        // Anybody may make us check a signature, which is too much arithmetic for the loop that serves others.
        return offload.call(Offload.Room.STRANGERS, () -> verify(exchange, context.target(), snapshot))
                .flatMap(verified -> pass(exchange, context, verified))
                .onErrorResume(failure -> exchange.getResponse().isCommitted()
                        ? Mono.error(failure)
                        : refusalOf(failure)
                                .map(refusal -> refuse(exchange, refusal))
                                .orElseGet(() -> Mono.error(failure)));
    }

    private Verified verify(ServerWebExchange exchange, RequestTarget target, Snapshot snapshot) {
        String query = target.query();
        Map<String, List<String>> parameters =
                query == null ? Map.of() : new QueryStringDecoder(query, false).parameters();
        List<String> tokens = parameters.getOrDefault(TOKEN, List.of());
        if (tokens.size() != 1 || ManagementClaims.claimed(tokens.getFirst()).isEmpty()) {
            throw new RefusedException(ManagementRefusal.MISSING);
        }
        ManagementClaims claims = key.verify(tokens.getFirst(), host.name().value(), clock.instant())
                .filter(genuine -> holds(genuine, snapshot, clock.instant()))
                .orElseThrow(() -> new RefusedException(ManagementRefusal.NOT_VALID));
        AccessRecord.of(exchange).identity(claims.actor());
        Set<ManagementResource> needed = PATHS.get(target.path());
        if (needed == null) {
            throw new RefusedException(ManagementRefusal.NO_SUCH_PATH);
        }
        if (needed.stream().noneMatch(claims::opens)) {
            throw new RefusedException(ManagementRefusal.NOT_ALLOWED);
        }
        HttpMethod method = exchange.getRequest().getMethod();
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            throw new RefusedException(ManagementRefusal.METHOD);
        }
        UUID connector =
                connector(parameters.getOrDefault(CONNECTOR, List.of())).orElse(null);
        return new Verified(claims, tokens.getFirst(), new TunnelAddress(TunnelId.of(claims.tunnel()), connector));
    }

    private static Optional<UUID> connector(List<String> given) {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (given.size() > 1 || !UUID_TEXT.matcher(given.getFirst()).matches()) {
            throw new RefusedException(ManagementRefusal.CONNECTOR_ID);
        }
        return Optional.of(UUID.fromString(given.getFirst()));
    }

    /** Whether what a genuine token says still holds: its tunnel lives, in this account, and its time is not over. */
    private static boolean holds(ManagementClaims claims, Snapshot snapshot, Instant now) {
        return now.isBefore(claims.expiresAt())
                && claims.account().equals(snapshot.settings().accountId())
                && UUID_TEXT.matcher(claims.tunnel()).matches()
                && snapshot.tunnels().containsKey(TunnelId.of(claims.tunnel()));
    }

    /** Ends a stream with what admitted it. With a tunnel go its connections, which may be faster than the next round. */
    private final class TokenWatch implements WebSocketRelay.Watch {
        private final String ray;
        private final ManagementClaims claims;

        TokenWatch(String ray, ManagementClaims claims) {
            this.ray = ray;
            this.claims = claims;
        }

        @Override
        public Mono<Void> over(IntConsumer cut, Mono<Void> whole) {
            return live.watch(ray, newer -> holds(claims, newer, clock.instant()), cut, whole);
        }

        @Override
        public int word() {
            Snapshot now = snapshots.current();
            return now == null || holds(claims, now, clock.instant()) ? 0 : LiveConnections.POLICY;
        }
    }

    private Mono<Void> pass(ServerWebExchange exchange, RequestContext context, Verified verified) {
        EdgeRequest request = EdgeRequest.of(exchange);
        AccessRecord record = AccessRecord.of(exchange);
        String name = context.target().host().value();
        onlyWhatConnectorsNeed(request.fields(), name);
        String target = context.target().path() + "?" + TOKEN + "=" + verified.compact();
        record.outcome("permitted", "management_token");
        record.upstreamStarts(new TunnelOrigin(verified.to().tunnel(), name));
        exchange.getResponse().getHeaders().setCacheControl("no-store");
        if (request.isWebSocket()) {
            return webSockets
                    .relay(
                            exchange,
                            target,
                            tunnels.dial(verified.to()),
                            new TokenWatch(record.ray(), verified.claims()))
                    .onErrorMap(OriginFailure::of);
        }
        return tunnels.forward(exchange, target, verified.to()).onErrorMap(OriginFailure::of);
    }

    /** No cookie, no credentials and no Origin: the token is all that counts, and it was judged here. */
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
                    case RefusedException refused -> refused.refusal;
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
