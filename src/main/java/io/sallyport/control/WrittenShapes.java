package io.sallyport.control;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects as a client writes them: those of the answers without what only the server writes, under a name of their own. Generators of
 * clients read one schema both ways, and would ask for an id before there is one. A member that is written in other ways than it is read
 * says so under {@value #WRITTEN}. Lives for one document.
 */
final class WrittenShapes {
    private static final String WRITTEN = "x-written";
    private static final String SUFFIX = "Input";
    private static final String PLACE = "#/components/schemas/";

    private final ObjectNode read;
    private final Map<String, ObjectNode> written = new TreeMap<>();

    /** @param read the schemas of the answers, by name */
    WrittenShapes(ObjectNode read) {
        this.read = read;
    }

    /** The schema of a body, given that of the same thing in an answer. */
    JsonNode of(JsonNode schema) {
        return without(schema);
    }

    /** Whether a body of this schema has to say something. */
    boolean mustSaySomething(JsonNode body) {
        JsonNode schema = name(body).map(this::find).orElse(body);
        return !schema.path("required").isEmpty();
    }

    private JsonNode find(String name) {
        ObjectNode own = written.get(name);
        return own == null ? read.path(name) : own;
    }

    /** Adds what bodies refer to, and takes away what was said for them alone. */
    void complete() {
        read.values().forEach(WrittenShapes::forget);
        read.setAll(written);
    }

    private static void forget(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            object.remove(WRITTEN);
        }
        schema.values().forEach(WrittenShapes::forget);
    }

    private JsonNode without(JsonNode schema) {
        Optional<String> name = name(schema);
        if (name.isPresent()) {
            return name.filter(this::differs)
                    .<JsonNode>map(known -> reference(schema, write(known)))
                    .orElse(schema);
        }
        if (schema instanceof ArrayNode array) {
            ArrayNode copy = array.arrayNode();
            array.forEach(each -> copy.add(without(each)));
            return copy;
        }
        if (!(schema instanceof ObjectNode object)) {
            return schema;
        }
        return object.has(WRITTEN) ? without(object.path(WRITTEN)) : members(object);
    }

    private ObjectNode members(ObjectNode schema) {
        ObjectNode copy = schema.objectNode();
        for (Map.Entry<String, JsonNode> each : schema.properties()) {
            if (!each.getValue().path("readOnly").asBoolean(false)) {
                copy.set(each.getKey(), without(each.getValue()));
            }
        }
        if (copy.get("required") instanceof ArrayNode required && copy.get("properties") instanceof ObjectNode left) {
            ArrayNode stillThere = copy.arrayNode();
            required.forEach(member -> {
                if (left.has(member.asString(""))) {
                    stillThere.add(member);
                }
            });
            copy.set("required", stillThere);
            if (stillThere.isEmpty()) {
                copy.remove("required");
            }
        }
        return copy;
    }

    /** Makes the written shape of a schema, which may speak of itself. */
    private String write(String name) {
        String own = name + SUFFIX;
        if (!written.containsKey(own)) {
            ObjectNode shape = read.objectNode();
            written.put(own, shape);
            shape.setAll((ObjectNode) without(read.path(name)));
        }
        return own;
    }

    private boolean differs(String name) {
        return differs(read.path(name), 0);
    }

    private boolean differs(JsonNode schema, int depth) {
        if (schema.path("readOnly").asBoolean(false) || schema.has(WRITTEN)) {
            return true;
        }
        Optional<String> name = name(schema);
        if (name.isPresent()) {
            return depth < read.size() && differs(read.path(name.get()), depth + 1);
        }
        return schema.values().stream().anyMatch(each -> differs(each, depth));
    }

    private static ObjectNode reference(JsonNode schema, String name) {
        return ((ObjectNode) schema.deepCopy()).put("$ref", PLACE + name);
    }

    private static Optional<String> name(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith(PLACE) ? Optional.of(reference.substring(PLACE.length())) : Optional.empty();
    }
}
