package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Client certificate authorities. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/certificates", ApiPaths.ZONE + "/access/certificates"})
@Concerns(ResourceKind.CERTIFICATES)
final class CertificatesController {
    private final CertificateChanges certificates;
    private final CertificateSettings settings;

    CertificatesController(CertificateChanges certificates, CertificateSettings settings) {
        this.certificates = certificates;
        this.settings = settings;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(certificates.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(certificates.create(call, body));
    }

    @GetMapping("/settings")
    ResponseEntity<JsonNode> settings(AdminCall call) {
        return ApiEnvelope.whole(settings.all());
    }

    @PutMapping("/settings")
    ResponseEntity<JsonNode> replaceSettings(AdminCall call, Fields body) {
        return ApiEnvelope.whole(settings.replace(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(certificates.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(certificates.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        certificates.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }
}
