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

/** Bookmarks by the old paths, which clients still have and call deprecated. */
@RestController
@RequestMapping({ApiPaths.ACCOUNT + "/access/bookmarks", ApiPaths.ZONE + "/access/bookmarks"})
@Concerns(ResourceKind.APPLICATIONS)
final class BookmarksController {
    private final BookmarkChanges bookmarks;

    BookmarksController(BookmarkChanges bookmarks) {
        this.bookmarks = bookmarks;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call) {
        return ApiEnvelope.all(bookmarks.all());
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(bookmarks.create(call, body));
    }

    /** The same under an id of the client's choice. */
    @PostMapping("/{id}")
    ResponseEntity<JsonNode> createAs(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(bookmarks.createAs(call, Ids.inPath(id), body));
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.of(bookmarks.get(Ids.inPath(id)));
    }

    @PutMapping("/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(bookmarks.replace(call, Ids.inPath(id), body));
    }

    @DeleteMapping("/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String id) {
        bookmarks.delete(call, Ids.inPath(id));
        return ApiEnvelope.deleted(id);
    }
}
