package io.sallyport.control;

import java.net.URI;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Certificates for the commands about tunnels, for scripts and the dashboard: ours alone. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/tunnel_certificates")
@Concerns(ResourceKind.API_TOKENS)
final class TunnelCertificatesController {
    private final TunnelCertificates certificates;

    TunnelCertificatesController(TunnelCertificates certificates) {
        this.certificates = certificates;
    }

    /** The answer carries the certificate, once. */
    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        URI apiUrl = body.webAddress("api_url").orElseThrow(() -> body.invalid("api_url", "is required"));
        return ApiEnvelope.untagged(JsonNodeFactory.instance
                .objectNode()
                .put("certificate", certificates.issue(call, apiUrl.toString(), apiUrl.getHost())));
    }
}
