package io.sallyport.control;

import java.util.List;
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
import tools.jackson.databind.node.JsonNodeFactory;

/** Applications. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/apps", ApiPaths.ZONE + "/access/apps"})
@Concerns(ResourceKind.APPLICATIONS)
final class ApplicationsController {
    private final ApplicationChanges applications;
    private final UserPolicyChecks checks;

    ApplicationsController(ApplicationChanges applications, UserPolicyChecks checks) {
        this.applications = applications;
        this.checks = checks;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(applications.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(applications.create(call, body));
    }

    /** SSH certificate authorities of applications: always an empty list, because we sign no SSH certificates. */
    @GetMapping("/ca")
    ResponseEntity<JsonNode> authorities(AdminCall call, Query query) {
        return ApiEnvelope.page(new Paged<JsonNode>(query.paging(), List.of(), 0));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(applications.get(id));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(applications.replace(call, id, body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.deleted(applications.delete(call, id).toString());
    }

    /** The path with a hyphen is used by cloudflare-go v0 and so by Terraform's provider 4. */
    @PostMapping({"/{id}/revoke_tokens", "/{id}/revoke-tokens"})
    ResponseEntity<JsonNode> revokeTokens(AdminCall call, @PathVariable String id) {
        applications.revokeTokens(call, id);
        return ApiEnvelope.untagged(JsonNodeFactory.instance.objectNode());
    }

    @RequestMapping(
            path = "/{id}/settings",
            method = {RequestMethod.PUT, RequestMethod.PATCH})
    ResponseEntity<JsonNode> changeSettings(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.untagged(applications.changeSettings(call, id, body));
    }

    @GetMapping("/{id}/user_policy_checks")
    ResponseEntity<JsonNode> userPolicyChecks(AdminCall call, @PathVariable String id, Query query) {
        return ApiEnvelope.untagged(checks.check(id, query));
    }
}
