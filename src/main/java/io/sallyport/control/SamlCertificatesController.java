package io.sallyport.control;

import java.nio.charset.StandardCharsets;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Certificates for encrypted SAML assertions. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access")
@Concerns(ResourceKind.IDENTITY_PROVIDERS)
final class SamlCertificatesController {
    private final SamlCertificates certificates;
    private final IdentityProviderChanges providers;

    SamlCertificatesController(SamlCertificates certificates, IdentityProviderChanges providers) {
        this.certificates = certificates;
        this.providers = providers;
    }

    @PostMapping("/identity_providers/{id}/saml_certificate")
    ResponseEntity<JsonNode> attach(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(certificates.attach(call, Ids.inPath(id), providers::view));
    }

    @GetMapping("/saml_certificates")
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(Paged.cut(query.paging(), certificates.list()));
    }

    @GetMapping("/saml_certificates/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(certificates.get(Ids.inPath(id)));
    }

    @PostMapping("/saml_certificates/{id}/rotate")
    ResponseEntity<JsonNode> rotate(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(certificates.rotate(call, Ids.inPath(id)));
    }

    /** The certificate as a file, without an envelope: so the SDKs ask for it, and so providers take it. */
    @GetMapping("/saml_certificates/{id}/pem")
    ResponseEntity<byte[]> pem(AdminCall call, @PathVariable String id) {
        String pem = certificates.get(Ids.inPath(id)).path("public_cert").asString();
        return ResponseEntity.ok()
                .header("content-type", "application/x-pem-file")
                .header("content-disposition", "attachment; filename=\"saml-encryption.pem\"")
                .body(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
