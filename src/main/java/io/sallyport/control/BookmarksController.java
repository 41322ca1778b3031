package io.sallyport.control;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bookmarks as older clients read them (spec/rest-api.md §12). They are applications of type bookmark, and are written as such: the
 * old way of writing them carried no content.
 */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/access/bookmarks")
@Concerns(ResourceKind.APPLICATIONS)
final class BookmarksController {
    private static final List<String> MEMBERS =
            List.of("id", "name", "domain", "logo_url", "app_launcher_visible", "created_at", "updated_at");

    private final ApplicationChanges applications;

    BookmarksController(ApplicationChanges applications) {
        this.applications = applications;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call) {
        return ApiEnvelope.all(
                applications.bookmarks().stream().map(BookmarksController::view).toList());
    }

    @GetMapping("/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String id) {
        ObjectNode application = applications.get(Ids.inPath(id).toString());
        if (!application.path("type").asString().equals("bookmark")) {
            throw ApiProblem.notFound();
        }
        return ApiEnvelope.of(view(application));
    }

    private static ObjectNode view(ObjectNode application) {
        return application.deepCopy().retain(MEMBERS);
    }
}
