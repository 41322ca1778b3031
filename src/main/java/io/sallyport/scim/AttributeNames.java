package io.sallyport.scim;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Attribute names are case-insensitive (RFC 7643 §2.1): {@code "Active": false} disables a person too. Names that we
 * know are normalised before they are read; the content of extensions is not changed.
 */
final class AttributeNames {
    private static final Map<String, String> SPELLINGS = Stream.of(
                    "schemas",
                    "id",
                    "externalId",
                    "meta",
                    "userName",
                    "displayName",
                    "active",
                    "password",
                    "emails",
                    "groups",
                    "members",
                    "type",
                    "primary",
                    "value",
                    "Operations",
                    "op",
                    "path")
            .collect(Collectors.toUnmodifiableMap(name -> name.toLowerCase(Locale.ROOT), Function.identity()));

    private AttributeNames() {}

    /** The one spelling of a name. */
    static String of(String written) {
        return SPELLINGS.getOrDefault(written.toLowerCase(Locale.ROOT), written);
    }

    /**
     * A copy with the names spelled.
     *
     * @throws ScimProblem when an attribute occurs twice in different spellings, or a text contains NUL, which cannot
     *     be stored
     */
    static ObjectNode spelled(ObjectNode written) {
        return spelled(written, AttributeNames::of);
    }

    private static ObjectNode spelled(ObjectNode written, UnaryOperator<String> spelling) {
        ObjectNode spelled = JsonNodeFactory.instance.objectNode();
        written.properties().forEach(member -> {
            String name = spelling.apply(member.getKey());
            if (spelled.has(name) || name.indexOf(0) >= 0) {
                throw ScimProblem.syntax("an attribute stands there twice, or has no name");
            }
            spelled.set(name, inside(member.getValue(), name.startsWith("urn:") ? UnaryOperator.identity() : spelling));
        });
        return spelled;
    }

    private static JsonNode inside(JsonNode value, UnaryOperator<String> spelling) {
        return switch (value) {
            case ObjectNode object -> spelled(object, spelling);
            case ArrayNode several -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                several.forEach(element -> copy.add(inside(element, spelling)));
                yield copy;
            }
            case StringNode text
            when text.stringValue().indexOf(0) >= 0 -> throw ScimProblem.invalid("a text holds the character NUL");
            default -> value;
        };
    }
}
