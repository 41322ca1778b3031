package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The organisation: the collection path holds a single object. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/organizations", ApiPaths.ZONE + "/access/organizations"})
@Concerns(ResourceKind.ORGANIZATION)
final class OrganizationController {
    private final OrganizationChanges organization;
    private final UserChanges users;

    OrganizationController(OrganizationChanges organization, UserChanges users) {
        this.organization = organization;
        this.users = users;
    }

    @GetMapping
    ResponseEntity<JsonNode> get(AdminCall call) {
        return ApiEnvelope.of(organization.get());
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body, Query query) {
        body.requiredLine("name", Limits.NAME);
        body.requiredLine("auth_domain", 253);
        return merge(call, body, query);
    }

    @RequestMapping(method = {RequestMethod.PUT, RequestMethod.PATCH})
    ResponseEntity<JsonNode> merge(AdminCall call, Fields body, Query query) {
        return ApiEnvelope.of(
                query.flag("change_auth_domain")
                        ? organization.mergeAndMove(call, body)
                        : organization.merge(call, body));
    }

    @PostMapping("/revoke_user")
    @Concerns(ResourceKind.USERS)
    ResponseEntity<JsonNode> revokeUser(AdminCall call, Fields body) {
        return ApiEnvelope.untagged(JsonNodeFactory.instance.booleanNode(users.revoke(call, body)));
    }
}
