package io.sallyport.control;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The running server's OpenAPI document, and answers held to it: shape for shape, and without a member it does not declare. */
final class Contract {
    /** Objects whose members depend on something else. */
    private static final Set<String> OPEN =
            Set.of("Empty", "Identity", "Decision", "ConfigurationFile", "ReplayRequest", "ReplayResult", "DnsRecord");

    private final ObjectNode document;

    Contract() {
        document = (ObjectNode)
                Api.send("GET", "/openapi.json", null, Api.withToken()).envelope();
        document.path("components").path("schemas").properties().forEach(each -> {
            if (!OPEN.contains(each.getKey()) && each.getValue().has("properties")) {
                ((ObjectNode) each.getValue()).put("additionalProperties", false);
            }
        });
    }

    ObjectNode document() {
        return document;
    }

    /** Method and path of every operation, {@code get /client/v4/…}. */
    Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .propertyNames()
                        .forEach(method -> operations.add(method + " " + path.getKey())));
        return operations;
    }

    /** What is wrong with an answer; nothing, when it is as documented. */
    List<String> violations(String method, String path, Api.Answer answer) {
        String template = template(path);
        String where = method.toLowerCase(Locale.ROOT) + " " + template;
        JsonNode operation = document.path("paths").path(template).path(method.toLowerCase(Locale.ROOT));
        JsonNode response = operation.path("responses").path(String.valueOf(answer.status()));
        if (response.isMissingNode()) {
            return List.of(where + " does not document " + answer.status());
        }
        JsonNode envelope = answer.envelope().deepCopy();
        forgetUnknown(envelope);
        String ref = response.path("$ref").asString("");
        JsonNode found = ref.isEmpty() ? response : document.at(ref.substring(1));
        JsonNode schema = found.path("content").path("application/json").path("schema");
        if (schema.isMissingNode()) {
            return List.of();
        }
        return JsonShape.errors(document, schema, envelope).stream()
                .map(error -> where + " " + answer.status() + ": " + error)
                .toList();
    }

    /** The member that tests send to see unknown ones kept. */
    private static void forgetUnknown(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove("future_member");
        }
        node.forEach(Contract::forgetUnknown);
    }

    /** The documented path that matches, the one with the most literal segments first. */
    private String template(String path) {
        String plain = "/client/v4" + path.replaceFirst("\\?.*", "");
        return document.path("paths").propertyNames().stream()
                .filter(template -> plain.matches(template.replaceAll("\\{[^}]+}", "[^/]+")))
                .min(Comparator.comparing(
                        template -> template.chars().filter(c -> c == '{').count()))
                .orElse(plain);
    }
}
