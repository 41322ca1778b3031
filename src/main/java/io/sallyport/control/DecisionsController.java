package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Why the gate let somebody in, or did not (ours alone). */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/decisions")
@Concerns(ResourceKind.LOGS)
final class DecisionsController {
    private final DecisionHistory history;

    DecisionsController(DecisionHistory history) {
        this.history = history;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(history.list(query));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(history.get(id));
    }
}
