package io.sallyport.control;

import io.sallyport.snapshot.SigningKeys;
import io.sallyport.token.KeyRotation;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The signing keys' rotation (spec/rest-api.md §9). The keys themselves are public at the team domain and secret nowhere. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access/keys")
@Concerns(ResourceKind.KEYS)
final class KeysController {
    private static final String KIND = "keys";

    private final Transactions transactions;
    private final SigningKeys keys;
    private final AdminAudit audit;

    KeysController(Transactions transactions, SigningKeys keys, AdminAudit audit) {
        this.transactions = transactions;
        this.keys = keys;
        this.audit = audit;
    }

    @GetMapping
    ResponseEntity<JsonNode> status(AdminCall call) {
        return ApiEnvelope.of(transactions.read(() -> view(keys.status())));
    }

    @PutMapping
    ResponseEntity<JsonNode> setInterval(AdminCall call, Fields body) {
        int days = body.integer(
                        "key_rotation_interval_days",
                        KeyRotation.SHORTEST_INTERVAL_DAYS,
                        KeyRotation.LONGEST_INTERVAL_DAYS)
                .orElseThrow(() -> body.invalid("key_rotation_interval_days", "is required"));
        return ApiEnvelope.of(transactions.write(() -> {
            ObjectNode before = view(keys.status());
            call.requireMatch(before);
            ObjectNode after = view(keys.setInterval(days));
            audit.record(call, "replace", KIND, KIND, before, after);
            return after;
        }));
    }

    /** With {@code at_once} after a compromise: no key stays, nor anything that one signed (JW-02). */
    @PostMapping("/rotate")
    ResponseEntity<JsonNode> rotate(AdminCall call, Query query) {
        boolean atOnce = query.flag("at_once");
        return ApiEnvelope.of(transactions.write(() -> {
            ObjectNode before = view(keys.status());
            call.requireMatch(before);
            ObjectNode after = view(atOnce ? keys.rotateAtOnce() : keys.rotate());
            audit.record(call, atOnce ? "rotate_at_once" : "rotate", KIND, KIND, before, after);
            return after;
        }));
    }

    private static ObjectNode view(KeyRotation.Status status) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("key_rotation_interval_days", status.keyRotationIntervalDays())
                .put("days_until_next_rotation", status.daysUntilNextRotation());
        view.set("last_key_rotation_at", ApiTimes.node(status.lastKeyRotationAt()));
        return view;
    }
}
