package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Identity providers. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/identity_providers", ApiPaths.ZONE + "/access/identity_providers"})
@Concerns(ResourceKind.IDENTITY_PROVIDERS)
final class IdentityProvidersController {
    private final IdentityProviderChanges providers;
    private final DirectoryViews directories;

    IdentityProvidersController(IdentityProviderChanges providers, DirectoryViews directories) {
        this.providers = providers;
        this.directories = directories;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(providers.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return answer(providers.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(providers.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return answer(providers.replace(call, Ids.inPath(id), body));
    }

    /** Clients exist for neither method, so both are taken. */
    @RequestMapping(
            path = "/{id}/refresh_scim_secret",
            method = {RequestMethod.POST, RequestMethod.PUT})
    ResponseEntity<JsonNode> refreshScimSecret(AdminCall call, @PathVariable String id) {
        return answer(providers.refreshScimSecret(call, Ids.inPath(id)));
    }

    @GetMapping("/{id}/scim/users")
    ResponseEntity<JsonNode> scimUsers(AdminCall call, @PathVariable String id, Query query) {
        providers.get(Ids.inPath(id));
        return ApiEnvelope.page(directories.users(Ids.inPath(id), query));
    }

    @GetMapping("/{id}/scim/groups")
    ResponseEntity<JsonNode> scimGroups(AdminCall call, @PathVariable String id, Query query) {
        providers.get(Ids.inPath(id));
        return ApiEnvelope.page(directories.groups(Ids.inPath(id), query));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        providers.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }

    /** An answer that shows a secret is not the object as it reads later: it has no tag, and nobody keeps it. */
    private static ResponseEntity<JsonNode> answer(ObjectNode provider) {
        return provider.path("scim_config").has("secret") ? ApiEnvelope.untagged(provider) : ApiEnvelope.of(provider);
    }
}
