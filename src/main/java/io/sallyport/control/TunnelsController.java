package io.sallyport.control;

import java.util.Optional;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tunnels, their configurations and who is connected. Every success is 200: cloudflared takes no other. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT)
@Concerns(ResourceKind.TUNNELS)
final class TunnelsController {
    private static final String TUNNELS = "/cfd_tunnel";
    private static final String TUNNEL = TUNNELS + "/{id}";

    private final TunnelChanges tunnels;
    private final TunnelConfigurationChanges configurations;
    private final ManagementTokens management;

    TunnelsController(TunnelChanges tunnels, TunnelConfigurationChanges configurations, ManagementTokens management) {
        this.tunnels = tunnels;
        this.configurations = configurations;
        this.management = management;
    }

    @GetMapping({TUNNELS, "/tunnels"})
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(tunnels.list(query));
    }

    @PostMapping(TUNNELS)
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.untagged(tunnels.create(call, body));
    }

    @GetMapping(TUNNEL)
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(tunnels.get(tunnel(id)));
    }

    @PatchMapping(TUNNEL)
    ResponseEntity<JsonNode> merge(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(tunnels.merge(call, tunnel(id), body));
    }

    @DeleteMapping(TUNNEL)
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id, Query query) {
        return ApiEnvelope.of(
                query.flag("cascade")
                        ? tunnels.deleteWithConnections(call, tunnel(id))
                        : tunnels.delete(call, tunnel(id)));
    }

    /** The same secret as often as it is asked for: a connector is set up by it. */
    @GetMapping(TUNNEL + "/token")
    @Concerns(ResourceKind.TUNNEL_TOKENS)
    ResponseEntity<JsonNode> token(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(JsonNodeFactory.instance.stringNode(tunnels.token(tunnel(id))));
    }

    /** As the SDKs ask for it. */
    @PostMapping(TUNNEL + "/management")
    @Concerns(ResourceKind.TUNNEL_TOKENS)
    ResponseEntity<JsonNode> managementToken(AdminCall call, @PathVariable String id, Fields body) {
        return issued(management.issue(call, tunnel(id), ManagementTokens.resources(body)));
    }

    /** As cloudflared asks for it, without a body. */
    @PostMapping(TUNNEL + "/management/{resource}")
    @Concerns(ResourceKind.TUNNEL_TOKENS)
    ResponseEntity<JsonNode> managementTokenFor(
            AdminCall call, @PathVariable String id, @PathVariable String resource) {
        return issued(management.issue(call, tunnel(id), ManagementTokens.resource(resource)));
    }

    private static ResponseEntity<JsonNode> issued(String token) {
        return ApiEnvelope.untagged(JsonNodeFactory.instance.stringNode(token));
    }

    @GetMapping(TUNNEL + "/configurations")
    ResponseEntity<JsonNode> configuration(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(configurations.get(tunnel(id)));
    }

    @PutMapping(TUNNEL + "/configurations")
    ResponseEntity<JsonNode> configure(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(configurations.replace(call, tunnel(id), body));
    }

    @GetMapping(TUNNEL + "/connections")
    ResponseEntity<JsonNode> connections(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.all(tunnels.connectors(tunnel(id)));
    }

    @DeleteMapping(TUNNEL + "/connections")
    ResponseEntity<JsonNode> drop(AdminCall call, @PathVariable String id, Query query) {
        Optional<UUID> client = query.text("client_id")
                .map(text -> Ids.parse(text)
                        .orElseThrow(() -> ApiProblem.tunnel("query parameter client_id must be a UUID")));
        tunnels.drop(call, tunnel(id), client);
        return ApiEnvelope.untagged(JsonNodeFactory.instance.objectNode());
    }

    @GetMapping(TUNNEL + "/connectors/{client}")
    ResponseEntity<JsonNode> connector(AdminCall call, @PathVariable String id, @PathVariable String client) {
        return ApiEnvelope.untagged(tunnels.connector(tunnel(id), tunnel(client)));
    }

    /** Ours alone: traffic and round trips of connections, and why others ended. */
    @GetMapping("/sallyport/tunnels/{id}/activity")
    ResponseEntity<JsonNode> activity(AdminCall call, @PathVariable String id, Query query) {
        return ApiEnvelope.untagged(tunnels.activity(tunnel(id), query));
    }

    private static UUID tunnel(String id) {
        return Ids.parse(id).orElseThrow(ApiProblem::noSuchTunnel);
    }
}
