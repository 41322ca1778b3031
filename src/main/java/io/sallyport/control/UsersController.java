package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** People, their sessions and failed logins. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access")
@Concerns(ResourceKind.USERS)
final class UsersController {
    private final UserChanges users;
    private final UserSessions sessions;

    UsersController(UserChanges users, UserSessions sessions) {
        this.users = users;
        this.sessions = sessions;
    }

    @GetMapping("/users")
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(users.list(query));
    }

    @PostMapping("/users")
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(users.create(call, body));
    }

    @GetMapping("/users/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(users.get(Ids.inPath(id)));
    }

    @PutMapping("/users/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(users.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/users/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        users.delete(call, Ids.inPath(id));
        return ApiEnvelope.untagged(JsonNodeFactory.instance.nullNode());
    }

    @GetMapping("/users/{id}/active_sessions")
    ResponseEntity<JsonNode> activeSessions(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.all(sessions.active(Ids.inPath(id)));
    }

    @GetMapping("/users/{id}/active_sessions/{nonce}")
    ResponseEntity<JsonNode> activeSession(AdminCall call, @PathVariable String id, @PathVariable String nonce) {
        return ApiEnvelope.of(sessions.identityOf(Ids.inPath(id), nonce));
    }

    @GetMapping("/users/{id}/last_seen_identity")
    ResponseEntity<JsonNode> lastSeenIdentity(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(sessions.lastSeenIdentity(Ids.inPath(id)));
    }

    @GetMapping("/users/{id}/failed_logins")
    ResponseEntity<JsonNode> failedLogins(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.all(sessions.failedLogins(Ids.inPath(id)));
    }

    /** Seats do not exist here; clients that give them back get their list back. */
    @PatchMapping("/seats")
    ResponseEntity<JsonNode> seats(AdminCall call, ArrayNode body) {
        return ApiEnvelope.all(body);
    }
}
