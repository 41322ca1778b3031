package io.sallyport.control;

import io.sallyport.tunnel.ConnectorTrust;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The certificate authority that connectors on other machines must trust. Ours alone. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/tunnel_authority")
@Concerns(ResourceKind.TUNNELS)
final class TunnelAuthorityController {
    private final ConnectorTrust trust;

    TunnelAuthorityController(ConnectorTrust trust) {
        this.trust = trust;
    }

    /** 404 when the tunnel port has a certificate of the operator's. */
    @GetMapping
    ResponseEntity<JsonNode> get(AdminCall call) {
        return ApiEnvelope.untagged(
                trust.authority().map(TunnelAuthorityController::view).orElseThrow(ApiProblem::noTunnelAuthority));
    }

    private static ObjectNode view(ConnectorTrust.Authority authority) {
        ObjectNode view = JsonNodeFactory.instance.objectNode().put("certificate", authority.certificate());
        view.set("expires_on", ApiTimes.node(authority.end()));
        return view;
    }
}
