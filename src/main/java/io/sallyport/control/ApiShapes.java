package io.sallyport.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The schemas of handlers' requests and responses, read from {@code openapi/api.yaml}. Most of them follow from the
 * names of controller and method.
 */
final class ApiShapes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> TAKE_AND_GIVE = Set.of("create", "replace", "merge", "get");

    private final JsonNode file;

    private ApiShapes(JsonNode file) {
        this.file = file;
    }

    /** Reads the file beside the classes. */
    static ApiShapes read() {
        try (InputStream in = ApiShapes.class.getResourceAsStream("/openapi/api.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi/api.yaml is not in the jar");
            }
            return new ApiShapes(new YAMLMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One handler.
     *
     * @param takes schema of the body
     * @param answer schema of the whole answer, envelope included
     * @param isCounted whether a list says how long it is, in {@code result_info}
     */
    record Handler(
            String about, JsonNode takes, JsonNode answer, boolean isList, boolean isCounted, List<String> query) {}

    /** The name a handler has in the file: controller without its suffix, a dot, method. */
    static String key(Method method) {
        return method.getDeclaringClass().getSimpleName().replace("Controller", "") + "." + method.getName();
    }

    /** Whether the response's schema of a handler is known from the file or from its name. */
    boolean knows(Method method) {
        return !gives(method).isEmpty();
    }

    /** The schemas of a handler; an undescribed one has arbitrary objects. */
    Handler handler(Method method) {
        JsonNode own = file.path("handlers").path(key(method));
        String gives = gives(method);
        List<String> query = new ArrayList<>();
        own.path("query").forEach(name -> query.add(name.asString()));
        return new Handler(
                own.path("about").asString(""),
                schema(own.path("takes").asString(resource(method))),
                answer(gives),
                gives.endsWith("[]"),
                own.path("counted").asBoolean(true),
                query);
    }

    private String resource(Method method) {
        String controller = key(method).substring(0, key(method).indexOf('.'));
        return file.path("resources").path(controller).asString("");
    }

    private String gives(Method method) {
        String explicit = file.path("handlers").path(key(method)).path("gives").asString("");
        String resource = resource(method);
        if (!explicit.isEmpty() || resource.isEmpty()) {
            return explicit;
        }
        return switch (method.getName()) {
            case "list" -> resource + "[]";
            case "delete" -> "Deleted";
            default -> TAKE_AND_GIVE.contains(method.getName()) ? resource : "";
        };
    }

    private static JsonNode schema(String name) {
        if (name.isEmpty()) {
            return JSON.objectNode();
        }
        if (name.equals("null")) {
            return JSON.objectNode().put("type", "null");
        }
        if (name.endsWith("[]")) {
            ObjectNode list = JSON.objectNode().put("type", "array");
            list.set("items", schema(name.substring(0, name.length() - 2)));
            return list;
        }
        return JSON.objectNode().put("$ref", "#/components/schemas/" + name);
    }

    /** The envelope around a result. */
    private static JsonNode answer(String gives) {
        if (gives.equals("-")) {
            return JSON.objectNode();
        }
        ObjectNode envelope = JSON.objectNode().put("type", "object");
        envelope.putArray("required")
                .add("success")
                .add("errors")
                .add("messages")
                .add("result");
        ObjectNode members = envelope.putObject("properties");
        members.putObject("success").put("const", true);
        members.set("errors", none());
        members.set("messages", none());
        members.set("result", schema(gives));
        if (gives.endsWith("[]")) {
            members.set("result_info", schema("ResultInfo"));
        }
        return envelope;
    }

    /** A list that is always empty; generators need a type of items nevertheless. */
    private static ObjectNode none() {
        ObjectNode none = JSON.objectNode().put("type", "array").put("maxItems", 0);
        none.putObject("items").put("type", "object");
        return none;
    }

    /** The schema of a query parameter, which is the same for all parameters of that name. */
    JsonNode parameter(String name) {
        JsonNode schema = file.path("parameters").path(name);
        if (schema.isMissingNode()) {
            throw new IllegalStateException("openapi/api.yaml does not say what " + name + " is");
        }
        return schema.deepCopy();
    }

    /** Every object, those that extend another one written out, and the envelope's own parts. */
    ObjectNode schemas() {
        ObjectNode all = (ObjectNode) file.path("schemas").deepCopy();
        all.properties().forEach(each -> {
            JsonNode base = each.getValue().path("extends");
            if (!base.isMissingNode()) {
                extend((ObjectNode) each.getValue(), file.path("schemas").path(base.asString()));
            }
        });
        return all;
    }

    private static void extend(ObjectNode schema, JsonNode base) {
        schema.remove("extends");
        schema.put("type", "object");
        ObjectNode members = (ObjectNode) base.path("properties").deepCopy();
        members.setAll((ObjectNode) schema.path("properties"));
        schema.set("properties", members);
        base.path("required").forEach(schema.withArray("required")::add);
    }
}
