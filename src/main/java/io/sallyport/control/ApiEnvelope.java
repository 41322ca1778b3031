package io.sallyport.control;

import io.sallyport.session.WrongCredentials;
import io.sallyport.token.Sha256;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer's envelope: {@code errors} and {@code messages} are always arrays, {@code messages} stays
 * empty because no two clients agree on its shape, and there is never a 204, which the npm SDK cannot read.
 */
final class ApiEnvelope {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> MOVED_BY_NOBODY = Set.of(
            "last_seen_at",
            "last_used_at",
            "last_successful_login",
            "days_until_next_rotation",
            "meta",
            "warnings",
            "connections",
            "status",
            "conns_active_at",
            "conns_inactive_at");

    private ApiEnvelope() {}

    /** An object, with its {@code ETag}. */
    static ResponseEntity<JsonNode> of(ObjectNode result) {
        return ok().eTag(tag(result)).body(success(result));
    }

    /** Any other result: text, a flag, null, or an object that carries a secret shown once and therefore has no tag. */
    static ResponseEntity<JsonNode> untagged(JsonNode result) {
        return ok().header("cache-control", "no-store").body(success(result));
    }

    /** The answer to a deletion: the id of the deleted object. */
    static ResponseEntity<JsonNode> deleted(String id) {
        return ok().body(success(JSON.objectNode().put("id", id.toLowerCase(Locale.ROOT))));
    }

    /** A list without paging. */
    static ResponseEntity<JsonNode> all(Iterable<? extends JsonNode> results) {
        var array = JSON.arrayNode();
        results.forEach(array::add);
        return ok().body(success(array));
    }

    /** A list that is replaced as a whole, with its {@code ETag}. */
    static ResponseEntity<JsonNode> whole(ArrayNode result) {
        return ok().eTag(tag(result)).body(success(result));
    }

    /** One page of a list; a page past the end is an empty array. */
    static ResponseEntity<JsonNode> page(Paged<? extends JsonNode> page) {
        var array = JSON.arrayNode();
        page.items().forEach(array::add);
        ObjectNode envelope = success(array);
        ObjectNode info = envelope.putObject("result_info")
                .put("page", page.paging().page())
                .put("per_page", page.paging().perPage())
                .put("count", page.items().size())
                .put("total_count", page.total())
                .put("total_pages", page.totalPages());
        if (page.isLeast()) {
            info.put("at_least", true);
        }
        return ok().body(envelope);
    }

    /** A refusal. Conflicts and failed conditions are permanent, so clients are told not to retry them. */
    static ResponseEntity<JsonNode> refusal(ApiProblem problem) {
        ObjectNode error = JSON.objectNode().put("code", problem.code()).put("message", problem.getMessage());
        if (problem.pointer() != null) {
            error.putObject("source").put("pointer", problem.pointer());
        }
        ObjectNode envelope = JSON.objectNode().put("success", false);
        envelope.putArray("errors").add(error);
        envelope.putArray("messages");
        envelope.putNull("result");
        var response = ResponseEntity.status(problem.status()).contentType(MediaType.APPLICATION_JSON);
        if (problem.status().value() == 401) {
            response.header("WWW-Authenticate", "Bearer"); // RFC 9110 §15.5.2
        }
        if (problem.status().value() == 409) {
            response.header("x-should-retry", "false");
        }
        if (problem.status().value() == 429) {
            response.header("Retry-After", String.valueOf(WrongCredentials.WAIT.toSeconds()));
        }
        if (problem.status().value() == 503) {
            response.header("Retry-After", "5");
        }
        return response.body(envelope);
    }

    /**
     * The entity tag of an object, or of a list that is written as one: a hash of what is rendered, so that every resource has one and
     * none can go stale. What moves without an admin is left out: a token in use, a person who signs in, or a connector that comes back
     * must not turn an admin's conditional write into a 412.
     */
    static String tag(JsonNode result) {
        JsonNode state = result instanceof ObjectNode object ? object.deepCopy().remove(MOVED_BY_NOBODY) : result;
        return '"' + HexFormat.of().formatHex(Sha256.of(state.toString()), 0, 16) + '"';
    }

    private static ResponseEntity.BodyBuilder ok() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
    }

    private static ObjectNode success(JsonNode result) {
        ObjectNode envelope = JSON.objectNode().put("success", true);
        envelope.putArray("errors");
        envelope.putArray("messages");
        envelope.set("result", result);
        return envelope;
    }
}
