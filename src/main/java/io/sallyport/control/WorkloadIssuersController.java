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

/** Issuers that vouch for workloads: ours alone. */
@RestController
@Concerns(ResourceKind.SERVICE_TOKENS)
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/workload_issuers")
final class WorkloadIssuersController {
    private final WorkloadIssuerChanges issuers;

    WorkloadIssuersController(WorkloadIssuerChanges issuers) {
        this.issuers = issuers;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call) {
        return ApiEnvelope.all(issuers.all());
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(issuers.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(issuers.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(issuers.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        issuers.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }
}
