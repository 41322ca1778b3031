package io.sallyport.scim;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** One kind of resource: people or groups. Every method runs inside the transaction of its request. */
interface ScimResources {
    /** A part of a list. */
    record Page(int total, List<ObjectNode> resources) {}

    /** {@code USER} or {@code GROUP}. */
    String kind();

    /** Takes a new one in. */
    ObjectNode create(Directory directory, ObjectNode body);

    /** One of this directory's. */
    ObjectNode get(Directory directory, UUID id, boolean members);

    /** @param startIndex counts from 1 */
    Page list(Directory directory, Optional<ScimFilter> filter, int startIndex, int count, boolean members);

    /** Puts another in its place. */
    ObjectNode replace(Directory directory, UUID id, ObjectNode body);

    /** Changes parts of it. */
    ObjectNode patch(Directory directory, UUID id, List<ScimPatch.Operation> operations);

    /** Takes it out. */
    void delete(Directory directory, UUID id);

    /** RFC 7643 §3.1. */
    static void meta(
            ObjectNode view, String type, String location, OffsetDateTime createdAt, OffsetDateTime updatedAt) {
        view.putObject("meta")
                .put("resourceType", type)
                .put("created", createdAt.toInstant().toString())
                .put("lastModified", updatedAt.toInstant().toString())
                .put("location", location);
    }
}
