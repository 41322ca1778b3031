package io.sallyport.control;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bookmarks as older clients read and write them: applications of type bookmark, of which those
 * clients know only some members. Other members keep their values.
 */
final class BookmarkChanges {
    private static final String TYPE = "bookmark";
    private static final Set<String> WRITTEN = Set.of("name", "domain", "logo_url", "app_launcher_visible");
    private static final List<String> SHOWN =
            List.of("id", "name", "domain", "logo_url", "app_launcher_visible", "created_at", "updated_at");
    private static final Set<String> ONLY_READ = Set.of("id", "uid", "aud", "created_at", "updated_at", "policies");

    private final Transactions transactions;
    private final ApplicationChanges applications;

    BookmarkChanges(Transactions transactions, ApplicationChanges applications) {
        this.transactions = transactions;
        this.applications = applications;
    }

    List<ObjectNode> all() {
        return applications.bookmarks().stream().map(BookmarkChanges::view).toList();
    }

    ObjectNode get(UUID id) {
        return view(find(id));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        return view(applications.create(call, written(JsonNodeFactory.instance.objectNode(), fields)));
    }

    /** The same under an id that the client chose. */
    ObjectNode createAs(AdminCall call, UUID id, Fields fields) {
        return view(applications.createAs(call, id, written(JsonNodeFactory.instance.objectNode(), fields)));
    }

    /** Replaces the members that such clients know. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        return transactions.write(() -> {
            ObjectNode before = find(id);
            call.requireMatch(view(before));
            ObjectNode body = before.deepCopy().remove(WRITTEN).remove(ONLY_READ);
            return view(applications.replace(call.unconditional(), id.toString(), written(body, fields)));
        });
    }

    void delete(AdminCall call, UUID id) {
        transactions.write(() -> {
            call.requireMatch(view(find(id)));
            return applications.delete(call.unconditional(), id.toString());
        });
    }

    private static Fields written(ObjectNode body, Fields fields) {
        body.setAll(fields.json().deepCopy().retain(WRITTEN));
        return Fields.of(body.put("type", TYPE));
    }

    private ObjectNode find(UUID id) {
        ObjectNode application = applications.get(id.toString());
        if (!application.path("type").asString("").equals(TYPE)) {
            throw ApiProblem.notFound();
        }
        return application;
    }

    private static ObjectNode view(ObjectNode application) {
        return application.deepCopy().retain(SHOWN);
    }
}
