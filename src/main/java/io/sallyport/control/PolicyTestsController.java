package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Tries policies on everybody. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access/policy-tests")
@Concerns(value = ResourceKind.POLICIES, needs = Access.READ, also = ResourceKind.USERS)
final class PolicyTestsController {
    private final PolicyTests tests;

    PolicyTestsController(PolicyTests tests) {
        this.tests = tests;
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.untagged(tests.run(body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(tests.get(Ids.inPath(id)));
    }

    @GetMapping("/{id}/users")
    ResponseEntity<JsonNode> users(AdminCall call, @PathVariable String id, Query query) {
        return ApiEnvelope.page(tests.users(Ids.inPath(id), query));
    }
}
