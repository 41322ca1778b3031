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

/** Service tokens. Answers that carry a secret are not to be cached. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/service_tokens", ApiPaths.ZONE + "/access/service_tokens"})
@Concerns(ResourceKind.SERVICE_TOKENS)
final class ServiceTokensController {
    private final ServiceTokenChanges tokens;

    ServiceTokensController(ServiceTokenChanges tokens) {
        this.tokens = tokens;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(tokens.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.untagged(tokens.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(tokens.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> merge(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.untagged(tokens.merge(call, Ids.inPath(id), body));
    }

    @PostMapping("/{id}/rotate")
    ResponseEntity<JsonNode> rotate(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.untagged(tokens.rotate(call, Ids.inPath(id), body));
    }

    @PostMapping("/{id}/refresh")
    ResponseEntity<JsonNode> refresh(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(tokens.refresh(call, Ids.inPath(id)));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(tokens.delete(call, Ids.inPath(id)));
    }
}
