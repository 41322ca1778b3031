package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Likely mistakes (an endpoint of our own). They are not returned in {@code messages} of other answers, because clients
 * ignore those.
 */
@RestController
@Concerns(ResourceKind.POLICIES)
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/lint")
final class LintController {
    private final Lint lint;

    LintController(Lint lint) {
        this.lint = lint;
    }

    @GetMapping
    ResponseEntity<JsonNode> lint(AdminCall call) {
        return ApiEnvelope.all(lint.present());
    }
}
