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

/** Origins that the gateway reaches directly: an addition of ours. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/origins")
@Concerns(ResourceKind.ORIGINS)
final class OriginsController {
    private final OriginChanges origins;

    OriginsController(OriginChanges origins) {
        this.origins = origins;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(origins.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(origins.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(origins.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(origins.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        origins.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }
}
