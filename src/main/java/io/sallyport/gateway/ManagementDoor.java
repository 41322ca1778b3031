package io.sallyport.gateway;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.sallyport.http.RequestTarget;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import io.sallyport.tunnel.ManagementHost;
import io.sallyport.tunnel.TunnelAddress;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.http.HttpMethod;

/**
 * Verifies requests to the management host: the token must be genuine and in time, and
 * allow this path on an existing tunnel. Connectors cannot verify the token themselves and accept every request for
 * that host.
 */
final class ManagementDoor {
    /** The query parameter with the token. */
    static final String TOKEN = "access_token";

    private static final String CONNECTOR = "connector_id";

    /** The resources that open each path; requests for other paths are refused. */
    private static final Map<String, Set<ManagementResource>> PATHS = Map.of(
            "/ping",
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

    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final ManagementKey key;
    private final ManagementHost host;
    private final InstantSource clock;

    ManagementDoor(ManagementKey key, ManagementHost host, InstantSource clock) {
        this.key = key;
        this.host = host;
        this.clock = clock;
    }

    /**
     * A request that may be forwarded.
     *
     * @param compact the token as it came
     * @param to the connectors it is for
     */
    record Verified(ManagementClaims claims, String compact, TunnelAddress to) {}

    /** The request must be refused. */
    static final class RefusedException extends RuntimeException {
        private final transient ManagementRefusal refusal;

        RefusedException(ManagementRefusal refusal) {
            super(refusal.word(), null, false, false);
            this.refusal = refusal;
        }

        ManagementRefusal refusal() {
            return refusal;
        }
    }

    /**
     * Verifies one request.
     *
     * @param record is told the token's holder, even when the token does not allow this request
     * @throws RefusedException when it must not be forwarded
     */
    Verified verify(AccessRecord record, HttpMethod method, RequestTarget target, Snapshot snapshot) {
        String query = target.query();
        Map<String, List<String>> parameters =
                query == null ? Map.of() : new QueryStringDecoder(query, false).parameters();
        List<String> tokens = parameters.getOrDefault(TOKEN, List.of());
        if (tokens.size() != 1 || ManagementClaims.claimed(tokens.getFirst()).isEmpty()) {
            throw new RefusedException(ManagementRefusal.MISSING);
        }
        ManagementClaims claims = key.verify(tokens.getFirst(), host.name().value(), clock.instant())
                .filter(genuine -> holds(genuine, snapshot))
                .orElseThrow(() -> new RefusedException(ManagementRefusal.NOT_VALID));
        record.identity(claims.actor());
        Set<ManagementResource> needed = PATHS.get(target.path());
        if (needed == null) {
            throw new RefusedException(ManagementRefusal.NO_SUCH_PATH);
        }
        if (needed.stream().noneMatch(claims::opens)) {
            throw new RefusedException(ManagementRefusal.NOT_ALLOWED);
        }
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

    /** Whether a genuine token is still valid: it has not expired, and its tunnel exists in this account. */
    boolean holds(ManagementClaims claims, Snapshot snapshot) {
        return clock.instant().isBefore(claims.expiresAt())
                && claims.account().equals(snapshot.settings().accountId())
                && UUID_TEXT.matcher(claims.tunnel()).matches()
                && snapshot.tunnels().containsKey(TunnelId.of(claims.tunnel()));
    }
}
