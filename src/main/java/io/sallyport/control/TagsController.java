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
import tools.jackson.databind.node.JsonNodeFactory;

/** Tags; their id is their name, percent-encoded in the path. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access/tags")
@Concerns(ResourceKind.TAGS)
final class TagsController {
    private final TagChanges tags;

    TagsController(TagChanges tags) {
        this.tags = tags;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(tags.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(tags.create(call, body));
    }

    @GetMapping("/{name}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String name) {
        return ApiEnvelope.of(tags.get(name));
    }

    @PutMapping("/{name}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String name, Fields body) {
        return ApiEnvelope.of(tags.replace(call, name, body));
    }

    @DeleteMapping("/{name}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String name) {
        tags.delete(call, name);
        return ApiEnvelope.untagged(JsonNodeFactory.instance.objectNode().put("name", name));
    }
}
