package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The signing keys' rotation. The keys themselves are public at the team domain and secret nowhere. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access/keys")
@Concerns(ResourceKind.KEYS)
final class KeysController {
    private final KeyChanges keys;

    KeysController(KeyChanges keys) {
        this.keys = keys;
    }

    @GetMapping
    ResponseEntity<JsonNode> status(AdminCall call) {
        return ApiEnvelope.of(keys.get());
    }

    @PutMapping
    ResponseEntity<JsonNode> setInterval(AdminCall call, Fields body) {
        return ApiEnvelope.of(keys.setInterval(call, body));
    }

    /** With {@code at_once} after a compromise: no key stays, nor anything that one signed (JW-02). */
    @PostMapping("/rotate")
    ResponseEntity<JsonNode> rotate(AdminCall call, Query query) {
        return ApiEnvelope.of(keys.rotate(call, query.flag("at_once")));
    }
}
