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

/** Value lists. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/gateway/lists")
@Concerns(ResourceKind.LISTS)
final class ListsController {
    private final ListChanges lists;

    ListsController(ListChanges lists) {
        this.lists = lists;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.all(lists.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(lists.create(call, body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(lists.get(Ids.inPath(id)));
    }

    @GetMapping("/{id}/items")
    ResponseEntity<JsonNode> items(AdminCall call, @PathVariable String id, Query query) {
        return ApiEnvelope.page(lists.items(Ids.inPath(id), query));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(lists.replace(call, Ids.inPath(id), body));
    }

    @PatchMapping("/{id}")
    ResponseEntity<JsonNode> patch(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(lists.patch(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        lists.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }
}
