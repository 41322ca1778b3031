package io.sallyport.control;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Identity providers (spec/rest-api.md §6). */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/identity_providers", ApiPaths.ZONE + "/access/identity_providers"})
@Concerns(ResourceKind.IDENTITY_PROVIDERS)
final class IdentityProvidersController {
    private final IdentityProviderChanges providers;

    IdentityProvidersController(IdentityProviderChanges providers) {
        this.providers = providers;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(providers.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(providers.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(providers.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(providers.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        providers.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }

    /** Nothing comes in by SCIM, so no provider's directory is known. */
    @GetMapping({"/{id}/scim/groups", "/{id}/scim/users"})
    ResponseEntity<JsonNode> directory(AdminCall call, @PathVariable String id, Query query) {
        providers.get(Ids.inPath(id));
        return ApiEnvelope.page(new Paged<JsonNode>(query.paging(), List.of(), 0));
    }
}
