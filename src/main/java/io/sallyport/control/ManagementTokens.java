package io.sallyport.control;

import io.sallyport.catalog.TunnelRow;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import io.sallyport.tunnel.ManagementHost;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Issues tokens for the management service of a tunnel's connectors. Each one is
 * recorded in the audit trail, because a connector's log may contain data that the reader could not see otherwise.
 */
final class ManagementTokens {
    /** Validity of a token; when it expires, the edge also ends streams that were opened with it. */
    static final Duration LIFE = Duration.ofHours(1);

    private final Transactions transactions;
    private final StoredTunnels tunnels;
    private final ManagementKey key;
    private final ManagementHost host;
    private final AccountScope scope;
    private final AdminAudit audit;
    private final InstantSource clock;

    ManagementTokens(
            Transactions transactions,
            StoredTunnels tunnels,
            ManagementKey key,
            ManagementHost host,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.tunnels = tunnels;
        this.key = key;
        this.host = host;
        this.scope = scope;
        this.audit = audit;
        this.clock = clock;
    }

    /** The resources requested in a body, as SDKs send it. */
    static Set<ManagementResource> resources(Fields body) {
        JsonNode words = body.json().path("resources");
        if (!words.isArray() || words.isEmpty()) {
            throw body.invalid("resources", "must be a list of " + known());
        }
        Set<ManagementResource> resources = EnumSet.noneOf(ManagementResource.class);
        for (int i = 0; i < words.size(); i++) {
            String pointer = body.pointerTo("resources") + "/" + i;
            resources.add(ManagementResource.of(words.get(i).asString(""))
                    .orElseThrow(() -> ApiProblem.invalid(pointer, "must be one of " + known())));
        }
        return resources;
    }

    /** The resources requested by a path, as cloudflared sends it. */
    static Set<ManagementResource> resource(String word) {
        return ManagementResource.of(word)
                .map(Set::of)
                .orElseThrow(() -> ApiProblem.tunnel("the resource in the path must be one of " + known()));
    }

    private static String known() {
        return Arrays.stream(ManagementResource.values())
                .map(ManagementResource::word)
                .collect(Collectors.joining(", "));
    }

    String issue(AdminCall call, UUID tunnel, Set<ManagementResource> resources) {
        return transactions.write(() -> {
            TunnelRow row = tunnels.living(tunnel);
            Instant now = clock.instant();
            List<String> words = EnumSet.copyOf(resources).stream()
                    .map(ManagementResource::word)
                    .toList();
            ArrayNode noted = JsonNodeFactory.instance.arrayNode();
            words.forEach(noted::add);
            audit.record(
                    call,
                    "management_token",
                    TunnelChanges.KIND,
                    row.id().toString(),
                    null,
                    JsonNodeFactory.instance.objectNode().set("resources", noted));
            return key.sign(new ManagementClaims(
                    row.id().toString(),
                    scope.account().id(),
                    call.actor(),
                    host.name().value(),
                    resources,
                    now,
                    now.plus(LIFE)));
        });
    }
}
