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

/** Policies inside an application. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/apps/{app}/policies", ApiPaths.ZONE + "/access/apps/{app}/policies"})
@Concerns(ResourceKind.APPLICATIONS)
final class AppPoliciesController {
    private final AppPolicyChanges policies;

    AppPoliciesController(AppPolicyChanges policies) {
        this.policies = policies;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, @PathVariable String app, Query query) {
        return ApiEnvelope.page(policies.list(app, query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, @PathVariable String app, Fields body) {
        return ApiEnvelope.of(policies.create(call, app, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String app, @PathVariable String id) {
        return ApiEnvelope.of(policies.get(app, Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String app, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(policies.replace(call, app, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String app, @PathVariable String id) {
        policies.delete(call, app, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }

    @PutMapping("/{id}/make_reusable")
    ResponseEntity<JsonNode> makeReusable(AdminCall call, @PathVariable String app, @PathVariable String id) {
        return ApiEnvelope.of(policies.makeReusable(call, app, Ids.inPath(id)));
    }
}
