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

/** Tokens of this API. Cloudflare's API has no such path. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/tokens")
@Concerns(ResourceKind.API_TOKENS)
final class AdminTokensController {
    private final AdminTokenChanges tokens;

    AdminTokensController(AdminTokenChanges tokens) {
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
        return ApiEnvelope.of(tokens.merge(call, Ids.inPath(id), body));
    }

    @PostMapping("/{id}/rotate")
    ResponseEntity<JsonNode> rotate(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(tokens.rotate(call, Ids.inPath(id)));
    }

    @PostMapping("/{id}/revoke")
    ResponseEntity<JsonNode> revoke(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(tokens.revoke(call, Ids.inPath(id)));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        tokens.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }

    /** The body is parsed so that an invalid one is refused before the token is ended. */
    @PostMapping("/bootstrap/retire")
    ResponseEntity<JsonNode> retireBootstrap(AdminCall call, Fields body) {
        return ApiEnvelope.untagged(tokens.retireBootstrap(call));
    }
}
